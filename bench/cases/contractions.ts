import { compile, noGrad } from '@trainyard/core'
import { conv2dSpec } from '../../packages/core/src/backends/wasm/kernels/testing/conv2d.ts'
import { type Conv2dPass, conv2dPasses } from '../kernels/conv2d.ts'
import { makeGemm } from '../kernels/gemm.ts'
import { conv2dSizes, gemmSizes } from '../kernels/sizes.ts'
import type { Case } from './case.ts'
import { noise } from './data.ts'

/** So many repeats that a round takes about 20 ms, were the core to reach 60 GFLOP/s. */
const repeatsFor = (flops: number): number => Math.max(3, Math.min(1000, Math.round(1.2e9 / flops)))

/** Products through `compile`, on all threads: what a user of the library gets. A vector is limited by fetching the matrix. */
const compiledProducts: Case[] = [
  { name: 'gemm_1024', m: 1024, n: 1024 },
  { name: 'matrix_by_vector', m: 1024, n: 1 },
  { name: 'vector_by_matrix', m: 1, n: 1024 },
].map(({ name, m, n }) => ({
  name,
  group: 'models',
  unit: 'product',
  repeats: Math.min(m, n) > 1 ? 10 : 200,
  variants: true,
  request: { op: 'gemm', m, n, k: 1024, transposedA: false, transposedB: false },
  async make() {
    const [a, b] = [noise(m, 1024), noise(1024, n)]
    const product = compile(() => noGrad(() => a.matmul(b)))
    await product()
    // Of a product with a vector a share of the peak would say nothing.
    return { ...(Math.min(m, n) > 1 && { flops: 2 * m * n * 1024 }), call: () => product() }
  },
}))

const gemms: Case[] = gemmSizes.map(({ name, spec, transposedB = false, variants = false }) => ({
  name,
  group: 'kernels',
  unit: 'call',
  repeats: repeatsFor(2 * spec.m * spec.n * spec.k),
  oneCore: true,
  variants,
  request: { op: 'gemm', m: spec.m, n: spec.n, k: spec.k, transposedA: spec.a?.transposed ?? false, transposedB },
  make: (setup) => makeGemm(spec, transposedB, setup),
}))

const convolutions: Case[] = conv2dSizes.flatMap(({ name, size, ...shape }) => {
  const spec = conv2dSpec({ ...shape, height: size, width: size })
  const { outHeight, outWidth, inChannels, outChannels, images, groups } = spec
  const flops = (2 * images * outHeight * outWidth * outChannels * inChannels * shape.kernel ** 2) / groups
  return (Object.keys(conv2dPasses) as Conv2dPass[]).map(
    (pass): Case => ({
      name: `${name} ${pass}`,
      group: 'kernels',
      unit: 'call',
      repeats: repeatsFor(flops),
      oneCore: true,
      variants: name.startsWith('decoder'),
      request: { op: pass, size, ...shape },
      make: (setup) => conv2dPasses[pass](spec, setup),
    }),
  )
})

export const contractionCases: readonly Case[] = [...compiledProducts, ...gemms, ...convolutions]
