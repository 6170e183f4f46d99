import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amount, mapColor, parseHex, type Rgb, toOklab } from './colormap.ts'

const rgb = (css: string) => css.match(/\d+/g)!.map(Number) as unknown as Rgb
const distance = (a: Rgb, b: Rgb) => {
  const [p, q] = [toOklab(a), toOklab(b)]
  return Math.hypot(...p.map((value, i) => value - q[i]))
}

for (const theme of ['light', 'dark'] as const) {
  test(`equal steps look alike (${theme})`, () => {
    const colors = Array.from({ length: 9 }, (_, i) => rgb(mapColor(i / 8, theme)))
    const gaps = colors.slice(1).map((color, i) => distance(color, colors[i]))
    assert.ok(Math.max(...gaps) < 2.2 * Math.min(...gaps), gaps.map((gap) => gap.toFixed(3)).join(' '))
  })

  test(`lightness only grows (${theme})`, () => {
    const lights = Array.from({ length: 50 }, (_, i) => toOklab(rgb(mapColor(i / 49, theme)))[0])
    for (let i = 1; i < lights.length; i++) assert.ok(lights[i] >= lights[i - 1] - 0.004)
  })
}

test('the ends, beyond the ends, and what is no number', () => {
  assert.equal(mapColor(-1, 'light'), mapColor(0, 'light'))
  assert.equal(mapColor(7, 'dark'), mapColor(1, 'dark'))
  assert.notEqual(mapColor(Number.NaN, 'light'), mapColor(0, 'light'))
  assert.deepEqual(parseHex('#ff8000'), [255, 128, 0])
  assert.deepEqual(amount(0, 'light'), [255, 255, 255])
})
