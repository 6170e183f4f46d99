import type { Resident, Storage } from '../../graph/storage.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import type { WasmRuntime } from './runtime.ts'

/** A storage's copy in the heap of a runtime. */
export class HeapCopy implements Resident {
  readonly owner: WasmRuntime
  readonly address: number
  newer = false
  readonly #isFloat: boolean
  /** What V8 is to count for the copy as long as the host has no array of its own. */
  weight: ArrayBuffer | null = null

  constructor(owner: WasmRuntime, address: number, { dtype }: Storage) {
    this.owner = owner
    this.address = address
    this.#isFloat = dtype === 'float32'
  }

  #view(length: number): TypedArray {
    const { heap } = this.owner
    return this.#isFloat ? heap.float32(this.address, length) : heap.int32(this.address, length)
  }

  pull(into: TypedArray | null, size: number): TypedArray {
    const view = this.#view(size)
    // A slice is memory of its own and, unlike a new array that is then set, not filled with zeros first.
    const elements = into ?? view.slice()
    into?.set(view)
    this.#isOnHost()
    return elements
  }

  push(from: TypedArray): void {
    this.#view(from.length).set(from)
    this.#isOnHost()
  }

  #isOnHost(): void {
    this.owner.results.read(this.address, this.weight)
    this.weight = null
  }
}

/** Gives blocks back when the storages they belonged to are gone: nobody frees a tensor. */
const collected = new FinalizationRegistry<{ runtime: WasmRuntime; address: number }>(({ runtime, address }) => {
  runtime.results.forget(address)
  runtime.heap.free(address)
})

/** Makes a block of the heap a storage's copy, to be freed when the storage is gone, unless `token` is unregistered. */
export function attach(storage: Storage, copy: HeapCopy, token?: object): void {
  storage.resident = copy
  collected.register(storage, { runtime: copy.owner, address: copy.address }, token)
}

/** Takes back what `attach` has promised. */
export function detach(token: object): void {
  collected.unregister(token)
}

/** The address of a storage's elements in the heap; they are copied there at the first use. */
export function residentAddress(storage: Storage, runtime: WasmRuntime): number {
  const { resident } = storage
  if (resident?.owner === runtime) {
    const { address } = resident as HeapCopy
    runtime.results.used(address)
    return address
  }
  const elements = storage.read()
  const copy = new HeapCopy(runtime, runtime.heap.allocate(4 * storage.size), storage)
  copy.push(elements)
  attach(storage, copy)
  return copy.address
}

/** Arguments that were given before: a batch of a loader comes once, a test set in every epoch. */
const givenBefore = new WeakSet<Storage>()

/** The address of an argument that is given again and again; null at the first time, when it is copied like any other. */
export function repeatedAddress(storage: Storage, runtime: WasmRuntime): number | null {
  if (storage.resident?.owner !== runtime && !givenBefore.has(storage)) {
    givenBefore.add(storage)
    return null
  }
  return residentAddress(storage, runtime)
}
