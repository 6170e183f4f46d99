import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Random } from '../random/random.ts'
import { stretchContrast } from './contrast.ts'
import { crop, fitTo, padToMultiple, unfit } from './fit.ts'
import { createImage, type Image } from './image.ts'
import { resize } from './resize.ts'

function noise(width: number, height: number, channels = 1, seed = 1): Image {
  const random = new Random(seed)
  const image = createImage(width, height, channels)
  image.data.forEach((_, index) => {
    image.data[index] = random.float()
  })
  return image
}
const mean = ({ data }: Image) => data.reduce((a, b) => a + b, 0) / data.length
const size = fc.integer({ min: 1, max: 24 })

test('area keeps the mean, and halving averages four pixels', () => {
  fc.assert(
    fc.property(size, size, size, size, (width, height, newWidth, newHeight) => {
      const image = noise(width, height)
      assert.ok(Math.abs(mean(resize(image, newWidth, newHeight, 'area')) - mean(image)) < 1e-5)
    }),
  )
  const four = { data: Float32Array.of(0, 0.25, 0.5, 0.25), width: 2, height: 2, channels: 1 }
  assert.deepEqual([...resize(four, 1, 1).data], [0.25])
})

test('bilinear reproduces a slope between the outer centres, and clamps beyond', () => {
  const slope = { data: Float32Array.of(0, 1, 2, 3), width: 4, height: 1, channels: 1 }
  assert.deepEqual([...resize(slope, 8, 1).data], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3])
})

test('nearest makes no new values, every filter keeps constants, and channels stay apart', () => {
  fc.assert(
    fc.property(
      size,
      size,
      size,
      size,
      fc.constantFrom('auto', 'area', 'bilinear', 'nearest' as const),
      (w, h, nw, nh, filter) => {
        const image = noise(w, h, 3, 5)
        const values = new Set(image.data)
        assert.ok(resize(image, nw, nh, 'nearest').data.every((value) => values.has(value)))
        const flat = createImage(w, h, 3)
        flat.data.forEach((_, index) => {
          flat.data[index] = [0.25, 0.5, 1][index % 3]
        })
        resize(flat, nw, nh, filter as 'auto').data.forEach((value, index) => {
          assert.ok(Math.abs(value - [0.25, 0.5, 1][index % 3]) < 1e-6)
        })
      },
    ),
  )
  assert.throws(() => resize(noise(2, 2), 0, 3), /0×3 is not a size/)
})

test('fitting keeps proportions and can be undone', () => {
  const film = noise(40, 20)
  const { image, placed } = fitTo(film, 32, 32)
  assert.deepEqual(placed, { left: 0, top: 8, width: 32, height: 16, originalWidth: 40, originalHeight: 20 })
  assert.ok(image.data.subarray(0, 8 * 32).every((value) => value === 0))
  assert.deepEqual([unfit(image, placed).width, unfit(image, placed).height], [40, 20])
  const whole = fitTo(noise(16, 16), 16, 16)
  assert.deepEqual(unfit(whole.image, whole.placed).data, noise(16, 16).data)
  const stretched = fitTo(film, 32, 32, 'stretch')
  assert.ok(Math.abs(mean(stretched.image) - mean(film)) < 0.02)
})

test('padding to a multiple is undone by cropping', () => {
  const film = noise(33, 20, 3)
  const padded = padToMultiple(film, 32)
  assert.deepEqual([padded.width, padded.height], [64, 32])
  assert.deepEqual(crop(padded, 0, 0, 33, 20).data, film.data)
  assert.throws(() => crop(film, 30, 0, 10, 10), /is not within 33×20/)
})

test('contrast is stretched', () => {
  const film = { data: Float32Array.of(0.1, 0.2, 0.3), width: 3, height: 1, channels: 1 }
  assert.ok(Math.abs(stretchContrast(film, 'minmax').data[1] - 0.5) < 1e-6)
  assert.equal(stretchContrast(film, 'none'), film)
  const flat = { data: Float32Array.of(0.1, 0.1), width: 2, height: 1, channels: 1 }
  assert.equal(stretchContrast(flat, 'percentile'), flat)
})

test('frames and multiples that are no sizes are refused', () => {
  const film = noise(10, 10)
  assert.throws(() => fitTo(film, 0, 32), /^RangeError: fitTo: width must be a whole number from 1 up, got 0$/)
  assert.throws(() => fitTo(film, 32, Number.NaN), /fitTo: height must be a whole number from 1 up, got NaN/)
  assert.throws(() => padToMultiple(film, 0), /padToMultiple: multiple must be a whole number from 1 up, got 0/)
})
