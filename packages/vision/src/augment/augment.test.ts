import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createImage, type Image } from '../image/image.ts'
import { generatePhantom } from '../phantom/phantom.ts'
import { augment } from './augment.ts'
import { type Augmentation, affine, elastic, flip, noise, tone } from './augmentation.ts'
import { warpPair } from './warp.ts'

const film = generatePhantom(2, { width: 48, height: 40 })
const key = { seed: 1, epoch: 2, index: 3 }
const everything = [flip(), affine(), elastic({ probability: 1 }), tone(), noise({ probability: 1 })]

/** A dot and a mask of it. */
function dot(width: number, height: number, x: number, y: number): { image: Image; mask: Image } {
  const image = createImage(width, height)
  image.data[y * width + x] = 1
  return { image, mask: { ...image, data: image.data.slice() } }
}
const centreOf = ({ data, width }: Image) => {
  let x = 0
  let y = 0
  let sum = 0
  data.forEach((value, at) => {
    x += value * ((at % width) + 0.5)
    y += value * (Math.floor(at / width) + 0.5)
    sum += value
  })
  return [x / sum, y / sum]
}
const overlap = (a: Image, b: Image) => {
  let both = 0
  let sum = 0
  a.data.forEach((value, at) => {
    both += value * b.data[at]
    sum += value + b.data[at]
  })
  return (2 * both) / sum
}

test('what is drawn depends on seed, epoch and index alone', () => {
  const first = augment(film, everything, key)
  augment(film, everything, { ...key, index: 9 })
  assert.deepEqual(augment(film, everything, key), first)
  for (const other of [{ seed: 2 }, { epoch: 3 }, { index: 4 }])
    assert.notDeepEqual(augment(film, everything, { ...key, ...other }).image.data, first.image.data)
})

test('to change one augmentation leaves what the others draw', () => {
  const mirrored = augment(film, [affine({ probability: 0 }), tone()], key)
  assert.deepEqual(augment(film, [noise({ probability: 0 }), tone()], key), mirrored)
})

test('pictures stay between 0 and 1, masks binary, inputs untouched', () => {
  const before = film.image.data.slice()
  const kinds: Augmentation[] = [
    flip(1),
    affine({ rotate: 40, scale: 0.5, shift: 0.3 }),
    elastic({ strength: 0.1 }),
    tone({ brightness: 0.5, contrast: 0.9, gamma: 3 }),
    noise({ deviation: 0.5 }),
  ]
  fc.assert(
    fc.property(fc.subarray(kinds), fc.nat(1000), (chosen, index) => {
      const { image, mask } = augment(film, chosen, { seed: 0, epoch: 0, index })
      assert.ok(image.data.every((value) => value >= 0 && value <= 1))
      assert.ok(mask.data.every((value) => value === 0 || value === 1))
    }),
  )
  assert.deepEqual(film.image.data, before)
  assert.equal(augment(film, [], key), film)
})

test('a flip mirrors exactly, and twice is nothing', () => {
  const once = augment(film, [flip(1)], key)
  const { width } = film.image
  film.image.data.forEach((value, at) => {
    const mirror = at - (at % width) + (width - 1 - (at % width))
    assert.ok(Math.abs(once.image.data[mirror] - value) < 1e-6)
    assert.equal(once.mask.data[mirror], film.mask.data[at])
  })
  assert.deepEqual(augment(film, [flip(1), flip(1)], key).mask.data, film.mask.data)
})

test('image and mask are warped alike', () => {
  for (let index = 0; index < 20; index++) {
    // The mask is warped as a picture too: cut at a half, it must be the warped mask.
    const pair = { image: film.mask, mask: film.mask }
    const { image, mask } = augment(pair, [flip(), affine({ rotate: 20 }), elastic({ probability: 1 })], {
      ...key,
      index,
    })
    const cut = { ...image, data: image.data.map((value) => (value > 0.5 ? 1 : 0)) }
    assert.ok(overlap(cut, mask) > 0.98)
  }
})

test('rotation, zoom and shift do what their numbers say', () => {
  const { image, mask } = dot(41, 41, 20, 20)
  const moved = warpPair(image, mask, { matrix: [1, 0, -5, 0, 1, 3] })
  assert.deepEqual(centreOf(moved.image), [25.5, 17.5])
  assert.deepEqual(centreOf(moved.mask), [25.5, 17.5])
  for (let index = 0; index < 30; index++) {
    const off = dot(101, 101, 80, 50)
    const [x, y] = centreOf(augment(off, [affine({ rotate: 30, scale: 0, shift: 0 })], { ...key, index }).image)
    assert.ok(Math.abs(Math.hypot(x - 50.5, y - 50.5) - 30) < 0.6)
    assert.ok(Math.abs((Math.atan2(y - 50.5, x - 50.5) * 180) / Math.PI) <= 31)
    const [zoomed] = centreOf(augment(off, [affine({ rotate: 0, scale: 0.2, shift: 0 })], { ...key, index }).image)
    assert.ok(zoomed - 50.5 >= 30 * 0.78 && zoomed - 50.5 <= 30 * 1.22)
    const [shifted] = centreOf(augment(off, [affine({ rotate: 0, scale: 0, shift: 0.1 })], { ...key, index }).image)
    assert.ok(Math.abs(shifted - 80.5) <= 10.2)
  }
})

test('elastic warps move by about their strength, and smoothly', () => {
  let squared = 0
  const count = 60
  for (let index = 0; index < count; index++) {
    const pair = dot(101, 101, 50, 50)
    const [x] = centreOf(augment(pair, [elastic({ strength: 0.03, probability: 1 })], { ...key, index }).image)
    squared += (x - 50.5) * (x - 50.5)
  }
  const deviation = Math.sqrt(squared / count)
  assert.ok(deviation > 1.5 && deviation < 5, `${deviation}`)
})

test('tone and noise leave the mask, and their size is as asked', () => {
  const grey = { image: { ...createImage(64, 64), data: new Float32Array(4096).fill(0.5) }, mask: createImage(64, 64) }
  const noisy = augment(grey, [noise({ deviation: 0.1, probability: 1 })], key)
  assert.equal(noisy.mask, grey.mask)
  const variance = noisy.image.data.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / 4096
  assert.ok(variance > 1e-6 && variance < 0.0121)
  const toned = augment(grey, [tone({ brightness: 0.2, contrast: 0, gamma: 0 })], key).image.data
  assert.ok(Math.abs(toned[0] - 0.5) <= 0.2 && toned.every((value) => value === toned[0]))
})

test('numbers that make no sense are refused', () => {
  assert.throws(() => flip(2), /flip: probability is 2, expected a number from 0 to 1/)
  assert.throws(() => affine({ rotate: -5 }), /affine: rotate is -5/)
  assert.throws(() => affine({ scale: 1 }), /affine: scale is 1, expected less than 1/)
  assert.throws(() => elastic({ cells: 0.5 }), /elastic: cells is 0.5/)
  assert.throws(
    () => augment({ image: film.image, mask: createImage(3, 3) }, [flip()], key),
    /the mask is 3×3, but its image 48×40/,
  )
})
