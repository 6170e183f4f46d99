import { type Flavour, ModuleBuilder } from '../../assembler/index.ts'
import { compileModule, narrowTile, type TileShape, wasmFeatures, wideTile } from '../../features/index.ts'
import type { Kernel } from '../kernel.ts'

/** Helpers of the kernels' tests and benchmark: run an emitted kernel on plain arrays. */

export interface Variant {
  readonly flavour: Flavour
  readonly tile: TileShape
  /** See `ConvOptions`. */
  readonly byPoints?: boolean
}

/** Both flavours, both register tiles. */
export const variants: readonly Variant[] = [
  { flavour: 'strict', tile: narrowTile },
  { flavour: 'relaxed', tile: wideTile },
]

/** Floats that no kernel may touch, before and behind every buffer. */
const guardFloats = 16
const guard = 12345.5

/** A memory with named buffers, and one kernel instantiated on it. */
export class KernelBench {
  readonly memory: WebAssembly.Memory
  readonly kernels: readonly Kernel[]
  private readonly exports: WebAssembly.Exports
  private readonly addresses = new Map<string, { address: number; length: number }>()
  private next = 4096

  constructor(emit: (m: ModuleBuilder) => Kernel | readonly Kernel[], flavour: Flavour, megabytes = 4) {
    const initial = megabytes * 16
    const m = new ModuleBuilder({ memory: { initial }, flavour })
    const emitted = emit(m)
    this.kernels = Array.isArray(emitted) ? emitted : [emitted as Kernel]
    this.kernels.forEach((kernel, index) => {
      m.export(String(index), kernel.func)
    })
    this.memory = new WebAssembly.Memory({ initial })
    const module = compileModule(m.toBytes(), { revectorize: wasmFeatures().revectorize })
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports
  }

  /** Places a buffer, between guards, and gives its view. */
  buffer(name: string, content: number | ArrayLike<number>): Float32Array {
    const length = typeof content === 'number' ? content : content.length
    const address = Math.ceil((this.next + 4 * guardFloats) / 64) * 64
    const end = address + 4 * length
    if (end + 4 * guardFloats > this.memory.buffer.byteLength)
      this.memory.grow(Math.ceil((end + 4 * guardFloats - this.memory.buffer.byteLength) / 65536) + 16)
    new Float32Array(this.memory.buffer, this.next, (end - this.next) / 4 + guardFloats).fill(guard)
    this.next = end
    this.addresses.set(name, { address, length })
    const view = this.view(name)
    if (typeof content === 'number') view.fill(0)
    else view.set(content)
    return view
  }

  view(name: string): Float32Array {
    const { address, length } = this.place(name)
    return new Float32Array(this.memory.buffer, address, length)
  }

  ints(name: string): Int32Array {
    const { address, length } = this.place(name)
    return new Int32Array(this.memory.buffer, address, length)
  }

  /** Runs a kernel as `threads` threads would, in any order; names map pointers to buffers (or buffer + floats). */
  run(index = 0, threads = 1, names: Readonly<Record<string, string | readonly [string, number]>> = {}): void {
    const kernel = this.kernels[index]!
    const pointers = kernel.pointers.map((pointer) => {
      const target = names[pointer] ?? pointer
      if (typeof target === 'string') return this.place(target).address
      return this.place(target[0]).address + 4 * target[1]
    })
    const func = this.exports[String(index)] as (...args: number[]) => void
    for (let thread = threads - 1; thread >= 0; thread--) {
      const begin = Math.floor((kernel.parts * thread) / threads)
      const end = Math.floor((kernel.parts * (thread + 1)) / threads)
      func(begin, end, ...pointers)
    }
  }

  /** Throws where a kernel has written outside the buffers. */
  checkGuards(): void {
    const all = new Float32Array(this.memory.buffer)
    let at = 4096 / 4
    for (const [name, { address, length }] of this.addresses) {
      for (; at < address / 4; at++) if (all[at] !== guard) throw new Error(`write before buffer ${name}: float ${at}`)
      at = address / 4 + length
    }
    for (const end = at + guardFloats; at < end; at++)
      if (all[at] !== guard) throw new Error('write behind the last buffer')
  }

  private place(name: string): { address: number; length: number } {
    const found = this.addresses.get(name)
    if (!found) throw new Error(`no buffer "${name}"`)
    return found
  }
}

/** Repeatable numbers between -1 and 1. */
export function randomFloats(length: number, seed = 1): Float32Array {
  const values = new Float32Array(length)
  let state = seed * 2654435761
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    values[i] = state / 2 ** 31
  }
  return values
}

/** Throws unless |actual - expected| ≤ tolerance × scale everywhere; scale is the sum of the terms' magnitudes. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale: ArrayLike<number>,
  tolerance = 2e-6,
): void {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values instead of ${expected.length}`)
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * (scale[i]! + 1e-3)))
      throw new Error(`value ${i} is ${actual[i]}, expected ${expected[i]}`)
}
