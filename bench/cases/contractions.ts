import { compile, noGrad } from '@trainyard/core'
import { conv2dSpec } from '../../packages/core/src/backends/wasm/kernels/testing/conv2d.ts'
import { type Conv2dPass, conv2dPasses } from '../kernels/conv2d.ts'
import { makeGemm } from '../kernels/gemm.ts'
import { conv2dSizes, gemmSizes } from '../kernels/sizes.ts'
import type { Case } from './case.ts'
import { noise } from './data.ts'

/** So many repeats that a round takes about 20 ms, were the core to reach 60 GFLOP/s. */
const repeatsFor = (flops: number): number => Math.max(3, Math.min(1000, Math.round(1.2e9 / flops)))

/** A product of two matrices through `compile`, on all threads: what a user of the library gets. */
const compiledProduct: Case = {
  name: 'gemm_1024',
  group: 'models',
  unit: 'product',
  repeats: 10,
  variants: true,
  async make() {
    const [a, b] = [noise(1024, 1024), noise(1024, 1024)]
    const product = compile(() => noGrad(() => a.matmul(b)))
    await product()
    return { flops: 2 * 1024 ** 3, call: () => product() }
  },
}

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

export const contractionCases: readonly Case[] = [compiledProduct, ...gemms, ...convolutions]
