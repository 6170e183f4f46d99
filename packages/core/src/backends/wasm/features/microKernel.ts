import { type Flavour, ModuleBuilder } from '../assembler/index.ts'
import { clearAccumulators, emitTileProducts, tileAccumulators } from '../kernels/tile.ts'
import { compileModule } from './compile.ts'
import type { TileShape } from './tileShape.ts'

const depth = 256

/** One register tile over data in the first-level cache: what a contraction could reach at best. */
export interface MicroKernel {
  readonly flopsPerCall: number
  /** Computes the tile `times` times. */
  run(times: number): void
  /** Largest difference to the same sums in float64, relative to the sum of the products' magnitudes. */
  error(): number
}

export function buildMicroKernel(tile: TileShape, flavour: Flavour, revectorize: boolean): MicroKernel {
  const { rows, vectors, unroll } = tile
  const columns = 4 * vectors
  const aAddress = 1024
  const bAddress = aAddress + rows * depth * 4
  const cAddress = bAddress + depth * columns * 4
  const pages = Math.ceil((cAddress + rows * columns * 4) / 65536)
  const m = new ModuleBuilder({ memory: { initial: pages }, flavour })
  const kernel = m.func('microKernel', ['i32', 'i32', 'i32', 'i32'], [], (f, times, aStart, bStart, c) => {
    const [i, a, b] = [f.local('i32'), f.local('i32'), f.local('i32')]
    const accumulators = tileAccumulators(f, rows, vectors)
    f.for(i, 0, times, 1, () => {
      clearAccumulators(f, accumulators)
      f.set(a, aStart)
      f.set(b, bStart)
      const aRowBytes = (row: number): number => row * depth * 4
      const strides = { aRowBytes, aStepBytes: 4, bStepBytes: 4 * columns, runLength: depth }
      emitTileProducts(f, accumulators, { a, b, ...strides }, unroll)
      accumulators.forEach((row, r) => {
        row.forEach((local, v) => {
          f.store(c, local, { offset: (r * vectors + v) * 16 })
        })
      })
    })
  })
  m.export('run', kernel)
  const memory = new WebAssembly.Memory({ initial: pages })
  const instance = new WebAssembly.Instance(compileModule(m.toBytes(), { revectorize }), { env: { memory } })
  const run = instance.exports.run as (times: number, a: number, b: number, c: number) => void

  const a = new Float32Array(memory.buffer, aAddress, rows * depth)
  const b = new Float32Array(memory.buffer, bAddress, depth * columns)
  const c = new Float32Array(memory.buffer, cAddress, rows * columns)
  for (let i = 0; i < a.length; i++) a[i] = ((i * 37) % 101) / 101 - 0.5
  for (let i = 0; i < b.length; i++) b[i] = ((i * 53) % 97) / 97 - 0.5

  return {
    flopsPerCall: 2 * rows * columns * depth,
    run: (times) => run(times, aAddress, bAddress, cAddress),
    error: () => {
      let worst = 0
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          let sum = 0
          let magnitude = 0
          for (let k = 0; k < depth; k++) {
            const product = a[row * depth + k]! * b[k * columns + column]!
            sum += product
            magnitude += Math.abs(product)
          }
          const error = Math.abs(c[row * columns + column]! - sum) / magnitude
          if (!(error <= worst)) worst = error
        }
      return worst
    },
  }
}

/** Best rate of several short bursts in GFLOP/s, for as long as `milliseconds`. */
export function measureRate(kernel: MicroKernel, milliseconds: number): number {
  kernel.run(1)
  const started = performance.now()
  let best = 0
  let times = 8
  do {
    const before = performance.now()
    kernel.run(times)
    const elapsed = performance.now() - before
    best = Math.max(best, (kernel.flopsPerCall * times) / (elapsed * 1e6))
    // A burst must be long against the clock's grain, which browsers coarsen to 0.1 ms.
    if (elapsed < 0.5) times *= 2
  } while (performance.now() - started < milliseconds)
  return best
}
