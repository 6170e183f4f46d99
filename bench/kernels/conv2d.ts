import type { ModuleBuilder } from '../../packages/core/src/backends/wasm/assembler/index.ts'
import { wasmFeatures } from '../../packages/core/src/backends/wasm/features/index.ts'
import {
  type Conv2dSpec,
  type ConvKernel,
  emitConv2d,
  emitConv2dInputGradient,
  emitConv2dWeightGradient,
  emitPackConv2dWeights,
  emitPackInputGradientWeights,
  emitReduceWeightGradient,
  inputGradientPacking,
  type Kernel,
  packedConv2dFloats,
} from '../../packages/core/src/backends/wasm/kernels/index.ts'
import { layoutFloats } from '../../packages/core/src/backends/wasm/kernels/testing/conv2d.ts'
import { KernelBench, randomFloats } from '../../packages/core/src/backends/wasm/kernels/testing/kernelBench.ts'
import type { Made, Setup } from '../cases/case.ts'
import { shortest } from './shortest.ts'

const weightsOf = (spec: Conv2dSpec): number =>
  (spec.outChannels * spec.inChannels * spec.kernelHeight * spec.kernelWidth) / spec.groups

const flopsOf = (spec: Conv2dSpec): number =>
  (2 * spec.images * spec.outHeight * spec.outWidth * spec.outChannels * weightsOf(spec)) / spec.outChannels

function makeBench(
  spec: Conv2dSpec,
  { strict }: Setup,
  emit: (m: ModuleBuilder, options: { tile: ReturnType<typeof wasmFeatures>['tile'] }) => Kernel[],
): KernelBench {
  const { tile, relaxedSimd } = wasmFeatures()
  const flavour = strict || !relaxedSimd ? 'strict' : 'relaxed'
  const bench = new KernelBench((m) => emit(m, { tile }), flavour, 64)
  bench.buffer('input', randomFloats(layoutFloats(spec.input, spec.images)))
  bench.buffer('output', randomFloats(layoutFloats(spec.output, spec.images)))
  bench.buffer('matrix', randomFloats(weightsOf(spec)))
  // Winograd's algorithm has transformed tiles of its own while it runs.
  const scratch = bench.kernels.map((kernel) => (kernel as Partial<ConvKernel>).scratchBytes ?? 0)
  bench.buffer('scratch', Math.max(...scratch) / 4)
  return bench
}

function runFrom(bench: KernelBench, first: number, names?: Parameters<KernelBench['run']>[2]): void {
  for (let phase = first; phase < bench.kernels.length; phase++) bench.run(phase, 1, names)
}

/** From the input to the output, with weights packed beforehand: that happens once a step. */
function forward(spec: Conv2dSpec, setup: Setup): Made {
  const bench = makeBench(spec, setup, (m, options) => [
    emitPackConv2dWeights(m, spec, options),
    ...emitConv2d(m, spec, options),
  ])
  bench.buffer('weights', packedConv2dFloats(spec))
  const packing = shortest(() => bench.run(0, 1, { packed: 'weights' }))
  return { flops: flopsOf(spec), details: { packing }, call: () => runFrom(bench, 1) }
}

/** From the output's gradient to the input's, with the flipped weights packed beforehand. */
function inputGradient(spec: Conv2dSpec, setup: Setup): Made {
  const bench = makeBench(spec, setup, (m, options) => [
    emitPackInputGradientWeights(m, spec, options),
    ...emitConv2dInputGradient(m, spec, options),
  ])
  bench.buffer('flipped', inputGradientPacking(spec).floats)
  bench.buffer('inputGradient', layoutFloats(spec.input, spec.images))
  const packing = shortest(() => bench.run(0, 1, { packed: 'flipped' }))
  const names = { input: 'output', weights: 'flipped', output: 'inputGradient' }
  return { flops: flopsOf(spec), details: { packing }, call: () => runFrom(bench, 1, names) }
}

/** From input and the output's gradient to the weights', the sum of partial gradients included. */
function weightGradient(spec: Conv2dSpec, setup: Setup): Made {
  let floats = 0
  const bench = makeBench(spec, setup, (m, options) => {
    const partial = emitConv2dWeightGradient(m, spec, options)
    floats = partial.chunks * partial.chunkFloats
    return [partial, emitReduceWeightGradient(m, spec, partial.chunks, options)]
  })
  bench.buffer('partials', floats)
  bench.buffer('weightGradient', weightsOf(spec))
  return {
    flops: flopsOf(spec),
    call() {
      bench.run(0)
      bench.run(1)
    },
  }
}

/** The three passes of a convolution, each on one core. */
export const conv2dPasses = { forward, inputGradient, weightGradient }
export type Conv2dPass = keyof typeof conv2dPasses
