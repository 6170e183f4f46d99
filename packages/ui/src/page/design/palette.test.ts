import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ColourSlots, palette, slots, type Theme } from './palette.ts'

type Triple = [number, number, number]

const channels = (hex: string): Triple =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as Triple

const times = (matrix: Triple[], v: Triple): Triple =>
  matrix.map((row) => Math.min(1, Math.max(0, row[0] * v[0] + row[1] * v[1] + row[2] * v[2]))) as Triple

const vision: { [name: string]: Triple[] } = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function oklab([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const luminance = ([r, g, b]: Triple) => 0.2126 * r + 0.7152 * g + 0.0722 * b

for (const theme of ['light', 'dark'] as Theme[]) {
  for (const [name, matrix] of Object.entries(vision))
    test(`no two colours of the ${theme} palette look alike with ${name} vision`, () => {
      const seen = palette[theme].map((hex) => oklab(times(matrix, channels(hex))))
      for (let i = 0; i < seen.length; i++)
        for (let j = 0; j < i; j++) {
          const distance = Math.hypot(...seen[i].map((value, k) => value - seen[j][k]))
          assert.ok(distance > 0.06, `${palette[theme][i]} and ${palette[theme][j]}: ${distance.toFixed(3)}`)
        }
    })

  test(`lines of the ${theme} palette stand out from their ground`, () => {
    const ground = luminance(channels(theme === 'light' ? '#ffffff' : '#15181c'))
    for (const hex of palette[theme]) {
      const own = luminance(channels(hex))
      const contrast = (Math.max(ground, own) + 0.05) / (Math.min(ground, own) + 0.05)
      assert.ok(contrast > 2.6, `${hex}: ${contrast.toFixed(2)}`)
    }
  })
}

test('runs keep their slot, and a new one takes the least used', () => {
  const colours = new ColourSlots()
  const first = Array.from({ length: slots }, (_, i) => `run${i}`)
  assert.equal(colours.assign(first), true)
  assert.equal(new Set(first.map((run) => colours.slot(run))).size, slots)
  assert.equal(colours.assign([...first].reverse()), false)
  const before = colours.slot('run3')
  colours.assign(['run1', 'run2', 'new'])
  assert.equal(colours.slot('run3'), before)
  assert.equal(
    [colours.slot('run1'), colours.slot('run2')].includes(colours.slot('new')),
    false,
    'a new run does not take the colour of one beside it',
  )
})

test('what was stored is checked before it is used', () => {
  const colours = new ColourSlots([
    ['good', 4],
    ['bad', 99],
    ['worse', Number.NaN],
  ])
  assert.equal(colours.slot('good'), 4)
  assert.ok(colours.slot('bad') < slots)
  assert.ok(colours.slot('worse') < slots)
})
