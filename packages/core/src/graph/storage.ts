import { allocate, type DType, type TypedArray } from '../tensor/dtype.ts'

/**
 * The elements of a realised tensor. The host array is the truth until a backend keeps a copy of its own (`resident`)
 * and writes to it; then `pull` brings the elements back when somebody reads. A result that nobody has read has no host
 * array at all.
 */
export class Storage {
  readonly dtype: DType
  readonly size: number
  /** Where a backend keeps its copy, keyed by the backend, which may give it up once the host has the elements. */
  resident: Resident | null = null
  /** Grows whenever elements are replaced, so that what was made of them can be told to be out of date. */
  version = 0
  #host: TypedArray | null

  constructor(dtype: DType, size: number, host: TypedArray | null = null) {
    this.dtype = dtype
    this.size = size
    this.#host = host
  }

  /** The elements on the host, fetched from the backend if it has written since. */
  read(): TypedArray {
    if (this.resident?.newer) {
      this.#host = this.resident.pull(this.#host, this.size)
      this.resident.newer = false
    }
    this.#host ??= allocate(this.dtype, this.size)
    return this.#host
  }

  /** Replaces the elements. */
  write(elements: TypedArray): void {
    this.version++
    this.#host ??= allocate(this.dtype, this.size)
    this.#host.set(elements)
    if (this.resident) {
      this.resident.push(this.#host)
      this.resident.newer = false
    }
  }

  /** Says that the backend has replaced the elements of its copy. */
  replaced(): void {
    this.version++
    if (this.resident) this.resident.newer = true
  }
}

/** A backend's copy of a storage. */
export interface Resident {
  /** The backend that owns the copy. */
  readonly owner: object
  /** Whether the backend has written since the host last read. */
  newer: boolean
  /** Copies the elements into an array; where there is none, into a new one of that size. */
  pull(into: TypedArray | null, size: number): TypedArray
  push(from: TypedArray): void
}
