import { wasmFeatures } from '../../packages/core/src/backends/wasm/features/index.ts'
import {
  emitGemm,
  emitPackMatrix,
  type GemmKernel,
  type GemmSpec,
  packedFloats,
} from '../../packages/core/src/backends/wasm/kernels/index.ts'
import { KernelBench, randomFloats } from '../../packages/core/src/backends/wasm/kernels/testing/kernelBench.ts'
import type { Made, Setup } from '../cases/case.ts'
import { shortest } from './shortest.ts'

/** The kernel C = A·B on one core; B packed beforehand where the spec says so, which happens once a step. */
export function makeGemm(spec: GemmSpec, transposedB: boolean, { strict }: Setup): Made {
  const { m, n, k } = spec
  const { tile, relaxedSimd } = wasmFeatures()
  const layout = { transposed: transposedB }
  const bench = new KernelBench(
    (module) => [emitGemm(module, spec, { tile }), emitPackMatrix(module, { k, n, layout }, { tile })],
    strict || !relaxedSimd ? 'strict' : 'relaxed',
  )
  bench.buffer('a', randomFloats(m * k))
  bench.buffer('matrix', randomFloats(n * k))
  bench.buffer('packed', packedFloats(k, n))
  bench.buffer('c', m * n)
  bench.buffer('scratch', (bench.kernels[0] as GemmKernel).scratchBytes / 4)
  const packed = spec.b === 'packed'
  return {
    flops: 2 * m * n * k,
    ...(packed && { details: { packing: shortest(() => bench.run(1)) } }),
    call: () => bench.run(0, 1, { b: packed ? 'packed' : 'matrix' }),
  }
}
