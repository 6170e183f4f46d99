import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Expr, f32x4, i32, v128 } from '../../assembler/index.ts'
import { emitCombineStatistics } from '../combineStatistics.ts'
import type { Epilogue, ImageStoreSite } from '../epilogue.ts'
import {
  conv2dSpec,
  depthwiseConvolutions,
  gather,
  inputSize,
  layoutFloats,
  narrowConvolutions,
  outputSize,
  smallConvolutions,
  spread,
  winogradConvolutions,
} from '../testing/conv2d.ts'
import { assertClose, KernelBench, randomFloats, type Variant, variants } from '../testing/kernelBench.ts'
import { naiveConv2d, naiveInputGradient, naiveWeightGradient } from '../testing/naiveConv2d.ts'
import {
  checkStatistics,
  gatheredFloats,
  gatheredStatistics,
  gathering,
  statisticBuffers,
} from '../testing/statistics.ts'
import { forwardByWinograd, inputGradientByWinograd, weightGradientByWinograd } from '../winograd/applies.ts'
import type { ConvKernel } from './correlation.ts'
import { emitConv2d } from './forward.ts'
import { emitConv2dInputGradient } from './inputGradient.ts'
import { emitPackConv2dWeights, emitPackInputGradientWeights, inputGradientPacking } from './packWeights.ts'
import { emitReduceWeightGradient } from './reduceWeightGradient.ts'
import { type Conv2dSpec, describeConv2d, groupInChannels } from './spec.ts'
import { emitConv2dWeightGradient } from './weightGradient.ts'
import { packedConv2dFloats, type WeightGradientKernel } from './weightLayout.ts'

/** Adds a dense image of the same shape, found from every coordinate that the site gives. */
const residual = (spec: Conv2dSpec, height: number, width: number, channels: number): Epilogue<ImageStoreSite> => ({
  pointers: ['residual'],
  images: [{ pointer: 0, offset: 0, image: height * width * channels, y: width * channels, x: channels }],
  emit: (f, values, { row, image, y, x, column, pointers }) => {
    const fromCoordinates = i32.add(i32.mul(i32.add(i32.mul(image, height), y), width), x)
    // Trap where row and coordinates disagree.
    f.if(i32.ne(row, fromCoordinates), () => f.unreachable())
    f.if(i32.geS(image, spec.images), () => f.unreachable())
    const at: Expr<'i32'> = i32.mul(i32.add(i32.mul(row, channels), column), 4)
    const address = f.let(i32.add(pointers[0]!, at))
    return { stored: values.map((value, v) => f32x4.add(value, v128.load(address, { offset: 16 * v, align: 4 }))) }
  },
})

function addTo(values: Float64Array, addend: (index: number) => number): void {
  for (let i = 0; i < values.length; i++) values[i]! += addend(i)
}

/** Winograd's algorithm rounds sums of a whole tile, so that small results among large ones have the error of these. */
function shareScale(scale: Float64Array): void {
  scale.fill(scale.reduce((a, b) => Math.max(a, b)))
}

function threadBits(bench: KernelBench, output: string, run: (threads: number) => void): void {
  const results = [3, 2, 1].map((threads) => {
    bench.view(output).fill(0)
    run(threads)
    return [...bench.view(output)]
  })
  assert.deepEqual(results[1], results[0], 'two threads give the bits of three')
  assert.deepEqual(results[2], results[0], 'one thread gives the bits of three')
  bench.checkGuards()
}

function checkForward(spec: Conv2dSpec, { flavour, ...how }: Variant, withEpilogue: boolean): void {
  const columns = spec.outChannels
  const epilogue = gathering(residual(spec, spec.outHeight, spec.outWidth, columns))
  let partialRows = 0
  const bench = new KernelBench(
    (m) => {
      const kernels = emitConv2d(m, spec, { ...how, ...(withEpilogue ? { epilogue } : {}) })
      partialRows = kernels.reduce((sum, kernel) => sum + kernel.partialRows, 0)
      const combine = emitCombineStatistics(m, { rows: partialRows, columns, statistics: gatheredStatistics })
      return [emitPackConv2dWeights(m, spec, how), combine, ...kernels]
    },
    flavour,
    1,
  )
  const convolve = bench.kernels.slice(2).map((kernel) => kernel as ConvKernel)
  const weights = randomFloats(spec.outChannels * groupInChannels(spec) * spec.kernelHeight * spec.kernelWidth, 1)
  const input = randomFloats(spec.images * spec.inHeight * spec.inWidth * spec.inChannels, 2)
  const added = randomFloats(spec.images * spec.outHeight * spec.outWidth * spec.outChannels, 3)
  spread(input, bench.buffer('input', layoutFloats(spec.input, spec.images)), inputSize(spec), spec.input)
  bench.buffer('matrix', weights)
  bench.buffer('weights', packedConv2dFloats(spec))
  bench.buffer('residual', added)
  statisticBuffers(bench, partialRows, columns)
  bench.buffer('scratch', Math.max(...convolve.map(({ scratchBytes }) => scratchBytes)) / 4)
  bench.buffer('output', layoutFloats(spec.output, spec.images))
  bench.run(0, 2, { packed: 'weights' })
  threadBits(bench, 'output', (threads) => {
    for (const i of convolve.keys()) bench.run(2 + i, threads)
  })
  const expected = naiveConv2d(spec, input, weights)
  if (withEpilogue) addTo(expected.values, (i) => added[i]!)
  addTo(expected.scale, () => 1)
  if (forwardByWinograd(spec)) shareScale(expected.scale)
  const actual = gather(bench.view('output'), outputSize(spec), spec.output)
  assertClose(actual, expected.values, expected.scale)
  if (withEpilogue) checkStatistics(bench, 1, actual, columns)
}

function checkInputGradient(spec: Conv2dSpec, { flavour, ...how }: Variant, withEpilogue: boolean): void {
  const columns = spec.inChannels
  const epilogue = gathering(residual(spec, spec.inHeight, spec.inWidth, columns))
  let partialRows = 0
  /** Which partial rows are whose: with a stride there is a kernel for each class of pixels. */
  const firstRows: number[] = []
  const bench = new KernelBench(
    (m) => {
      const kernels = emitConv2dInputGradient(m, spec, { ...how, ...(withEpilogue ? { epilogue } : {}) })
      for (const kernel of kernels) {
        firstRows.push(partialRows)
        partialRows += kernel.partialRows
      }
      const combine = emitCombineStatistics(m, { rows: partialRows, columns, statistics: gatheredStatistics })
      return [emitPackInputGradientWeights(m, spec, how), combine, ...kernels]
    },
    flavour,
    1,
  )
  const weights = randomFloats(spec.outChannels * groupInChannels(spec) * spec.kernelHeight * spec.kernelWidth, 1)
  const gradient = randomFloats(spec.images * spec.outHeight * spec.outWidth * spec.outChannels, 2)
  const added = randomFloats(spec.images * spec.inHeight * spec.inWidth * spec.inChannels, 3)
  spread(gradient, bench.buffer('gradient', layoutFloats(spec.output, spec.images)), outputSize(spec), spec.output)
  bench.buffer('matrix', weights)
  bench.buffer('weights', inputGradientPacking(spec).floats)
  bench.buffer('residual', added)
  bench.buffer('inputGradient', layoutFloats(spec.input, spec.images))
  bench.buffer('scratch', Math.max(...bench.kernels.slice(2).map((kernel) => (kernel as ConvKernel).scratchBytes)) / 4)
  statisticBuffers(bench, partialRows, columns)
  bench.run(0, 2, { packed: 'weights' })
  threadBits(bench, 'inputGradient', (threads) => {
    firstRows.forEach((row, i) => {
      const statistics = ['statistics', row * gatheredFloats * columns] as const
      bench.run(2 + i, threads, { input: 'gradient', output: 'inputGradient', statistics })
    })
  })
  const expected = naiveInputGradient(spec, weights, gradient)
  if (withEpilogue) addTo(expected.values, (i) => added[i]!)
  addTo(expected.scale, () => 1)
  if (inputGradientByWinograd(spec)) shareScale(expected.scale)
  const actual = gather(bench.view('inputGradient'), inputSize(spec), spec.input)
  assertClose(actual, expected.values, expected.scale)
  if (withEpilogue) checkStatistics(bench, 1, actual, columns)
}

function checkWeightGradient(spec: Conv2dSpec, { tile, flavour }: Variant, accumulate: boolean): void {
  const bench = new KernelBench(
    (m) => {
      const partial = emitConv2dWeightGradient(m, spec, { tile })
      return [partial, emitReduceWeightGradient(m, spec, partial.chunks, { tile, accumulate })]
    },
    flavour,
    1,
  )
  const { chunks, chunkFloats, scratchBytes } = bench.kernels[0] as WeightGradientKernel
  const input = randomFloats(spec.images * spec.inHeight * spec.inWidth * spec.inChannels, 1)
  const gradient = randomFloats(spec.images * spec.outHeight * spec.outWidth * spec.outChannels, 2)
  spread(input, bench.buffer('input', layoutFloats(spec.input, spec.images)), inputSize(spec), spec.input)
  spread(gradient, bench.buffer('output', layoutFloats(spec.output, spec.images)), outputSize(spec), spec.output)
  const expected = naiveWeightGradient(spec, input, gradient)
  bench.buffer('partials', chunks * chunkFloats)
  bench.buffer('scratch', scratchBytes / 4)
  bench.buffer('weightGradient', expected.values.length)
  threadBits(bench, 'partials', (threads) => bench.run(0, threads))
  threadBits(bench, 'weightGradient', (threads) => bench.run(1, threads))
  if (accumulate) {
    bench.view('weightGradient').fill(0.5)
    bench.run(1, 2)
    addTo(expected.values, () => 0.5)
  }
  addTo(expected.scale, () => 1)
  if (weightGradientByWinograd(spec)) shareScale(expected.scale)
  assertClose(bench.view('weightGradient'), expected.values, expected.scale)
  bench.checkGuards()
}

const checks = { forward: checkForward, 'input gradient': checkInputGradient, 'weight gradient': checkWeightGradient }

for (const [name, check] of Object.entries(checks))
  test(`conv2d ${name} equals its naive twin for any kernel, stride, padding, dilation and groups`, () => {
    fc.assert(fc.property(smallConvolutions, fc.constantFrom(...variants), fc.boolean(), check), { numRuns: 100 })
  })

for (const [name, check] of Object.entries(checks))
  test(`3x3 conv2d ${name} by Winograd's algorithm equals its naive twin`, () => {
    const both = [false, true].flatMap((byPoints) => variants.map((variant) => ({ ...variant, byPoints })))
    fc.assert(fc.property(winogradConvolutions, fc.constantFrom(...both), fc.boolean(), check), { numRuns: 80 })
  })

for (const [name, check] of Object.entries(checks))
  test(`depthwise conv2d ${name} equals its naive twin`, () => {
    fc.assert(fc.property(depthwiseConvolutions, fc.constantFrom(...variants), fc.boolean(), check), { numRuns: 80 })
  })

for (const [name, check] of Object.entries(checks))
  test(`conv2d ${name} with one to three output channels equals its naive twin`, () => {
    fc.assert(fc.property(narrowConvolutions, fc.constantFrom(...variants), fc.boolean(), check), { numRuns: 60 })
  })

const realistic: Conv2dSpec[] = [
  conv2dSpec({ images: 4, inChannels: 1, outChannels: 16, height: 28, width: 28, kernel: 3 }),
  conv2dSpec({ images: 4, inChannels: 16, outChannels: 32, height: 13, width: 13, kernel: 3 }),
  conv2dSpec({ images: 1, inChannels: 3, outChannels: 32, height: 32, width: 32, kernel: 3, stride: 2, padding: 1 }),
  conv2dSpec({ images: 1, inChannels: 48, outChannels: 40, height: 16, width: 16, kernel: 3, padding: 1 }),
  conv2dSpec({ images: 2, inChannels: 24, outChannels: 144, height: 9, width: 11, kernel: 1 }),
  // So many weights that Winograd's algorithm goes point by point.
  conv2dSpec({ images: 1, inChannels: 171, outChannels: 173, height: 9, width: 10, kernel: 3, padding: 1 }),
  conv2dSpec({ images: 2, inChannels: 16, outChannels: 1, height: 20, width: 20, kernel: 3, padding: 1 }),
  conv2dSpec({
    images: 2,
    inChannels: 96,
    outChannels: 96,
    groups: 96,
    height: 14,
    width: 14,
    kernel: 3,
    stride: 2,
    padding: 1,
  }),
  conv2dSpec({ images: 2, inChannels: 40, outChannels: 40, groups: 40, height: 11, width: 11, kernel: 5, padding: 2 }),
  conv2dSpec({ images: 2, inChannels: 40, outChannels: 33, height: 12, width: 40, kernel: 3, padding: 2, dilation: 2 }),
]
for (const spec of realistic)
  test(`conv2d ${describeConv2d(spec)}: forward and both gradients`, () => {
    for (const variant of variants) for (const check of Object.values(checks)) check(spec, variant, true)
  })

/** So large that kernels fetch pixels before they need them. */
const large: Conv2dSpec[] = [
  conv2dSpec({ images: 2, inChannels: 24, outChannels: 20, height: 121, width: 110, kernel: 3, padding: 1 }),
  conv2dSpec({
    images: 1,
    inChannels: 40,
    outChannels: 40,
    groups: 40,
    height: 120,
    width: 113,
    kernel: 3,
    padding: 1,
  }),
  conv2dSpec({
    images: 1,
    inChannels: 24,
    outChannels: 24,
    groups: 24,
    height: 301,
    width: 300,
    kernel: 5,
    stride: 2,
    padding: 2,
  }),
]
for (const spec of large)
  test(`large conv2d ${describeConv2d(spec)}: forward and both gradients`, () => {
    for (const check of Object.values(checks)) check(spec, variants[1]!, true)
  })

test('groups that do not divide the channels are refused', () => {
  const spec = { ...conv2dSpec({ inChannels: 4, outChannels: 6, height: 4, width: 4, kernel: 1 }), groups: 4 }
  const emit = (): unknown => new KernelBench((m) => emitConv2d(m, spec, { tile: variants[0]!.tile }), 'strict')
  assert.throws(emit, /4 groups do not divide 4 and 6 channels/)
})
