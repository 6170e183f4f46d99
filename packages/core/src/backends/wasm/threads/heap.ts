import type { MemoryLimits } from '../assembler/index.ts'
import { controlBytes } from './control.ts'

const pageBytes = 65536
const mostPages = 65536
const alignment = 64

/** Kernels may read (never write) this far behind a buffer: the last vector of a ragged row. */
export const readableSlack = 32

interface FreeBlock {
  address: number
  bytes: number
}

export interface HeapOptions {
  /** Whether workers may see the memory. */
  readonly shared: boolean
  readonly initialBytes?: number
  /** 4 GiB by default. */
  readonly maximumBytes?: number
}

/**
 * The memory of the wasm backend: one `WebAssembly.Memory` that grows on demand, with first-fit allocation.
 * Addresses are plain non-negative numbers up to 4 GiB, aligned to 64 bytes; 0 is never one.
 *
 * @example
 * const heap = new Heap({ shared: true })
 * const address = heap.allocate(1024)
 * heap.float32(address, 256).fill(1)
 * heap.free(address)
 */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  private readonly maximumPages: number
  /** Sorted by address; neighbours are merged. */
  private readonly freeBlocks: FreeBlock[]
  private readonly sizes = new Map<number, number>()
  private end: number
  /** Called when the memory is full and a block would be refused: whoever can give some back does. */
  whenFull: () => void = () => {}

  constructor(options: HeapOptions) {
    this.shared = options.shared
    const pages = (bytes: number): number => Math.min(mostPages, Math.ceil(bytes / pageBytes))
    this.maximumPages = pages(options.maximumBytes ?? mostPages * pageBytes)
    const initial = Math.min(this.maximumPages, pages(options.initialBytes ?? 4 << 20))
    this.memory = new WebAssembly.Memory({ initial, maximum: this.maximumPages, shared: this.shared })
    this.end = initial * pageBytes
    this.freeBlocks = [{ address: controlBytes, bytes: this.end - controlBytes }]
  }

  /** How modules have to import this memory: any module that names fewer pages and the same maximum fits. */
  get limits(): MemoryLimits {
    return { initial: 1, maximum: this.maximumPages, shared: this.shared }
  }

  /** Bytes handed out at present, rounding included. */
  get bytesInUse(): number {
    let total = 0
    for (const bytes of this.sizes.values()) total += bytes
    return total
  }

  /** Hands out a block. Its content is undefined. @throws RangeError where 4 GiB do not suffice. */
  allocate(bytes: number): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`heap: cannot allocate ${bytes} bytes`)
    const size = Math.ceil((bytes + readableSlack) / alignment) * alignment
    const index = this.roomFor(size)
    const block = this.freeBlocks[index]!
    const { address } = block
    block.address += size
    block.bytes -= size
    if (block.bytes === 0) this.freeBlocks.splice(index, 1)
    this.sizes.set(address, size)
    return address
  }

  /**
   * Hands out a block that nothing stands behind, so that a larger one can take its place later: as much room as `gap` says
   * is left before it, where that fits, into which what is allocated afterwards goes.
   */
  allocateLast(bytes: number, gap: number): number {
    const size = Math.ceil((bytes + readableSlack) / alignment) * alignment
    const last = this.freeBlocks.at(-1)
    const start = last && last.address + last.bytes === this.end ? last.address : this.end
    const before = Math.ceil(gap / alignment) * alignment
    if (start + before + size > this.maximumPages * pageBytes) return this.allocate(bytes)
    if (this.end < start + before + size) this.grow(before + size)
    const block = this.freeBlocks.at(-1)!
    const address = start + before
    const behind = block.bytes - before - size
    if (before > 0) block.bytes = before
    else this.freeBlocks.pop()
    if (behind > 0) this.freeBlocks.push({ address: address + size, bytes: behind })
    this.sizes.set(address, size)
    return address
  }

  /** Takes a block back. @throws Error for an address that is not handed out. */
  free(address: number): void {
    const bytes = this.sizes.get(address)
    if (bytes === undefined) throw new Error(`heap: address ${address} is not allocated (freed twice?)`)
    this.sizes.delete(address)
    this.release(address, bytes)
  }

  /** A view of the floats at an address. It goes stale when the memory grows: take it anew for each use. */
  float32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length)
  }

  /** The index of a free block that is large enough. */
  private roomFor(size: number): number {
    const find = (): number => this.freeBlocks.findIndex((block) => block.bytes >= size)
    const found = find()
    if (found >= 0) return found
    try {
      return this.grow(size)
    } catch {
      this.whenFull()
      const freed = find()
      return freed >= 0 ? freed : this.grow(size)
    }
  }

  private release(address: number, bytes: number): number {
    let index = this.freeBlocks.findIndex((block) => block.address > address)
    if (index < 0) index = this.freeBlocks.length
    const before = this.freeBlocks[index - 1]
    const after = this.freeBlocks[index]
    if (before && before.address + before.bytes === address) {
      before.bytes += bytes
      index--
    } else {
      this.freeBlocks.splice(index, 0, { address, bytes })
    }
    const merged = this.freeBlocks[index]!
    if (after && merged.address + merged.bytes === after.address) {
      merged.bytes += after.bytes
      this.freeBlocks.splice(index + 1, 1)
    }
    return index
  }

  /** Makes room for a block at the end; grows by an eighth at least, so that many small growths stay cheap. */
  private grow(size: number): number {
    const last = this.freeBlocks.at(-1)
    const atEnd = last && last.address + last.bytes === this.end ? last.bytes : 0
    const needed = Math.ceil((size - atEnd) / pageBytes)
    const room = this.maximumPages - this.end / pageBytes
    if (needed > room)
      throw new RangeError(
        `heap: ${megabytes(size)} more do not fit: ${megabytes(this.bytesInUse)} are in use of at most ` +
          `${megabytes(this.maximumPages * pageBytes)}. Use a smaller batch or model.`,
      )
    const generous = Math.min(room, Math.max(needed, Math.ceil(this.end / pageBytes / 8)))
    const pages = this.tryGrow(generous) ? generous : needed
    if (pages !== generous && !this.tryGrow(needed))
      throw new RangeError(`heap: the system refused ${megabytes(needed * pageBytes)} more memory`)
    const grownFrom = this.end
    this.end += pages * pageBytes
    return this.release(grownFrom, pages * pageBytes)
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages)
      return true
    } catch {
      return false
    }
  }
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 2 : 0)} MiB`
