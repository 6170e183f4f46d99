import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ImageLayout, noBorder, paddedLayout } from '../conv/spec.ts'
import { gather, spread } from '../testing/conv2d.ts'
import { assertClose, KernelBench, randomFloats, type Variant, variants } from '../testing/kernelBench.ts'
import { emitPool2dGradient } from './gradient.ts'
import { emitMaxPool2d, emitMaxPool2dSelect, emitSumPool2d } from './maxPool.ts'
import type { PoolSpec } from './spec.ts'

/** A pooling, and where its images lie. */
interface PoolCase extends PoolSpec {
  readonly input: ImageLayout
  readonly output: ImageLayout
}

const pools: fc.Arbitrary<PoolCase> = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    channels: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(33, 40, 45)),
    inHeight: fc.integer({ min: 1, max: 9 }),
    inWidth: fc.integer({ min: 1, max: 9 }),
    window: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    padding: fc.constantFrom(0, 0, 1),
    border: fc.constantFrom(0, 2),
  })
  .map(({ window: [kernelHeight, kernelWidth], stride: [strideY, strideX], padding, border, ...rest }) => {
    const padTop = Math.min(padding, kernelHeight >> 1)
    const padLeft = Math.min(padding, kernelWidth >> 1)
    const outHeight = Math.floor((rest.inHeight + 2 * padTop - kernelHeight) / strideY) + 1
    const outWidth = Math.floor((rest.inWidth + 2 * padLeft - kernelWidth) / strideX) + 1
    const edge = { top: border, bottom: border, left: border, right: border }
    const input = paddedLayout(rest.inHeight, rest.inWidth, rest.channels, edge)
    const output = paddedLayout(Math.max(1, outHeight), Math.max(1, outWidth), rest.channels, noBorder)
    return {
      ...rest,
      kernelHeight,
      kernelWidth,
      strideY,
      strideX,
      padTop,
      padLeft,
      outHeight,
      outWidth,
      input,
      output,
    }
  })
  .filter(({ outHeight, outWidth }) => outHeight > 0 && outWidth > 0)

/** Calls back for every pixel of every window: indices into dense images, and its number in the window. */
function forEachTap(s: PoolSpec, body: (input: number, output: number, tap: number) => void): void {
  for (let n = 0; n < s.images; n++)
    for (let oy = 0; oy < s.outHeight; oy++)
      for (let ox = 0; ox < s.outWidth; ox++)
        for (let tap = 0; tap < s.kernelHeight * s.kernelWidth; tap++) {
          const y = oy * s.strideY - s.padTop + Math.floor(tap / s.kernelWidth)
          const x = ox * s.strideX - s.padLeft + (tap % s.kernelWidth)
          if (y < 0 || x < 0 || y >= s.inHeight || x >= s.inWidth) continue
          for (let c = 0; c < s.channels; c++)
            body(
              ((n * s.inHeight + y) * s.inWidth + x) * s.channels + c,
              ((n * s.outHeight + oy) * s.outWidth + ox) * s.channels + c,
              tap,
            )
        }
}

const inSize = (s: PoolSpec) => ({ images: s.images, height: s.inHeight, width: s.inWidth, channels: s.channels })
const inFloats = (s: PoolSpec): number => s.images * s.inHeight * s.inWidth * s.channels
const outFloats = (s: PoolSpec): number => s.images * s.outHeight * s.outWidth * s.channels

/** Coarse values, so that there are ties; and a NaN now and then. */
const image = (length: number): Float32Array =>
  randomFloats(length, 3).map((value, i) => (i % 37 === 5 ? Number.NaN : Math.round(value * 4)))

function checkMaxPool(spec: PoolCase, { flavour }: Variant): void {
  const { input, output } = spec
  const pixels = image(inFloats(spec))
  const bench = new KernelBench(
    (m) => [
      emitMaxPool2d(m, spec, { input, values: output, index: output }),
      emitMaxPool2d(m, spec, { input, index: output }),
      emitMaxPool2d(m, spec, { input, values: output }),
      emitMaxPool2dSelect(m, spec, { input, index: output, values: output }),
    ],
    flavour,
    1,
  )
  spread(pixels, bench.buffer('input', spec.input.image * spec.images), inSize(spec), spec.input)
  for (const name of ['values', 'index', 'values2', 'index2', 'selected']) bench.buffer(name, outFloats(spec))
  const expected = new Float32Array(outFloats(spec)).fill(Number.NEGATIVE_INFINITY)
  const winner = new Int32Array(outFloats(spec)).fill(-1)
  forEachTap(spec, (i, o, tap) => {
    if (winner[o] !== -1 && (Number.isNaN(expected[o]) || pixels[i]! <= expected[o]!)) return
    expected[o] = pixels[i]!
    winner[o] = tap
  })
  bench.run(0, 2)
  bench.run(1, 1, { index: 'index2' })
  bench.run(2, 3, { values: 'values2' })
  bench.run(3, 2, { values: 'selected' })
  for (const name of ['values', 'values2', 'selected']) assert.deepEqual(bench.view(name), expected, name)
  for (const name of ['index', 'index2']) assert.deepEqual(bench.ints(name), winner, name)
  bench.checkGuards()
}

function checkGradients(spec: PoolCase, { flavour }: Variant): void {
  const { input, output } = spec
  const bench = new KernelBench(
    (m) => [
      emitPool2dGradient(m, spec, { input, output, index: output }),
      emitPool2dGradient(m, spec, { input, output }),
      emitSumPool2d(m, spec, { input, values: output }),
    ],
    flavour,
    1,
  )
  const taps = spec.kernelHeight * spec.kernelWidth
  const gradient = randomFloats(outFloats(spec), 4)
  const pixels = randomFloats(inFloats(spec), 5)
  const winner = Int32Array.from(randomFloats(outFloats(spec), 6), (value) => Math.floor(Math.abs(value) * taps) % taps)
  bench.buffer('output', gradient)
  bench.buffer('index', outFloats(spec))
  bench.ints('index').set(winner)
  const border = 77
  for (const name of ['scattered', 'spread']) bench.buffer(name, spec.input.image * spec.images).fill(border)
  spread(pixels, bench.buffer('image', spec.input.image * spec.images), inSize(spec), spec.input)
  bench.buffer('sums', outFloats(spec))
  const [scattered, all, sums] = [
    new Float64Array(inFloats(spec)),
    new Float64Array(inFloats(spec)),
    new Float64Array(outFloats(spec)),
  ]
  forEachTap(spec, (i, o, tap) => {
    if (winner[o] === tap) scattered[i]! += gradient[o]!
    all[i]! += gradient[o]!
    sums[o]! += pixels[i]!
  })
  bench.run(0, 2, { input: 'scattered' })
  bench.run(1, 3, { input: 'spread' })
  bench.run(2, 2, { input: 'image', values: 'sums' })
  const scale = new Float64Array(Math.max(all.length, sums.length)).fill(9)
  assertClose(gather(bench.view('scattered'), inSize(spec), spec.input), scattered, scale)
  assertClose(gather(bench.view('spread'), inSize(spec), spec.input), all, scale)
  assertClose(bench.view('sums'), sums, scale)
  const untouched = bench.view('spread').filter((value) => value === border).length
  assert.equal(untouched, spec.input.image * spec.images - inFloats(spec), 'the border stays as it was')
  bench.checkGuards()
}

for (const [name, check] of Object.entries({
  'max pooling and its choice': checkMaxPool,
  'pooling gradients and sums': checkGradients,
}))
  test(`${name} equal their naive twins for any window, stride and padding`, () => {
    fc.assert(fc.property(pools, fc.constantFrom(...variants), check), { numRuns: 150 })
  })
