import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeImage } from '../image/decode.ts'
import type { Image } from '../image/image.ts'
import { contactSheet } from './contactSheet.ts'
import { encodePng } from './encode.ts'
import { difference, OVERLAY_COLOURS, overlay } from './overlay.ts'
import { contactSheetPng, differencePng, maskPng, overlayPng, probabilityPng } from './pictures.ts'

const grey = (width: number, values: number[]): Image => ({
  data: Float32Array.from(values),
  width,
  height: values.length / width,
  channels: 1,
})
const pixel = ({ data, channels }: Image, at: number) => [...data.subarray(at * channels, (at + 1) * channels)]
const near = (got: number[], wanted: readonly number[]) =>
  got.forEach((value, index) => {
    assert.ok(Math.abs(value - wanted[index]) < 1e-6, `${got} but ${wanted}`)
  })

test('what is written is read again, to the precision of its depth', () => {
  const image = grey(3, [0, 0.123456, 1, -1, 2, Number.NaN])
  const wanted = [0, 0.123456, 1, 0, 1, 0]
  for (const [depth, within] of [
    [8, 1 / 510],
    [16, 1 / 131070],
  ] as const)
    decodeImage(encodePng(image, depth), 'x').data.forEach((value, at) => {
      assert.ok(Math.abs(value - wanted[at]) <= within + 1e-7)
    })
  const colour = { data: Float32Array.of(1, 0, 0, 0, 0.2, 1), width: 2, height: 1, channels: 3 }
  near([...decodeImage(encodePng(colour), 'x').data], colour.data as unknown as number[])
  assert.throws(() => encodePng({ ...image, channels: 2 }), /2 channels/)
  assert.throws(() => encodePng({ ...image, width: 2 }), /6 values for 2×2×1/)
})

test('overlay and difference have the colours that they promise', () => {
  const film = grey(4, new Array(12).fill(0.5))
  // Columns: both, truth only, prediction only, neither; the middle row is inside.
  const truth = grey(4, [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0])
  const predicted = grey(4, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
  const difference_ = difference(truth, predicted)
  near(pixel(difference_, 4), [0.45, 0.45, 0.45])
  near(pixel(difference_, 5), OVERLAY_COLOURS.truth)
  near(pixel(difference_, 6), OVERLAY_COLOURS.predicted)
  near(pixel(difference_, 7), [0, 0, 0])
  const laid = overlay(film, { truth, predicted }, 0.5)
  near(pixel(laid, 7), [0.5, 0.5, 0.5])
  near(pixel(laid, 5), OVERLAY_COLOURS.truth)
  near(pixel(laid, 6), OVERLAY_COLOURS.predicted)
  const whole = grey(4, new Array(12).fill(1))
  near(
    pixel(overlay(film, { truth: whole, predicted: whole }, 0.5), 5),
    OVERLAY_COLOURS.both.map((value) => 0.25 + value / 2),
  )
  assert.ok(film.data.every((value) => value === 0.5))
  assert.throws(() => overlay(film, { truth: grey(3, new Array(9).fill(0)) }), /the mask is 3×3×1, but 4×3×1/)
})

test('a contact sheet holds every picture in its place', () => {
  const shades = [0.1, 0.2, 0.3, 0.4, 0.5].map((shade) => grey(4, new Array(16).fill(shade)))
  const sheet = contactSheet(shades, { columns: 3, gap: 1, background: 1 })
  assert.deepEqual([sheet.width, sheet.height, sheet.channels], [16, 11, 1])
  shades.forEach((shade, index) => {
    const at = (1 + Math.floor(index / 3) * 5 + 2) * 16 + 1 + (index % 3) * 5 + 2
    assert.equal(sheet.data[at], shade.data[0])
  })
  assert.equal(sheet.data[0], 1)
  assert.equal(contactSheet([shades[0], { ...shades[0], channels: 3, data: new Float32Array(48) }]).channels, 3)
  assert.throws(() => contactSheet([]), /no pictures/)
})

test('the helpers give whole PNG files', () => {
  const mask = grey(2, [0.4, 0.6, 0.5, 0.9])
  assert.deepEqual([...decodeImage(maskPng(mask), 'x').data], [0, 1, 0, 1])
  assert.deepEqual([...decodeImage(maskPng(mask, 0.45), 'x').data], [0, 1, 1, 1])
  assert.ok(Math.abs(decodeImage(probabilityPng(mask), 'x').data[1] - 0.6) < 1e-4)
  for (const bytes of [overlayPng(mask, { truth: mask }), differencePng(mask, mask), contactSheetPng([mask, mask])])
    assert.ok(decodeImage(bytes, 'x').width >= 2)
})
