import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { resize } from '../image/resize.ts'
import { drawPhantomParameters } from './draw.ts'
import { generatePhantom, renderPhantom } from './phantom.ts'

const small = (index: number, seed = 0) => generatePhantom(index, { width: 64, height: 64, seed })
const mean = (values: Float32Array, where: (at: number) => boolean) => {
  let sum = 0
  let count = 0
  values.forEach((value, at) => {
    if (where(at)) {
      sum += value
      count += 1
    }
  })
  return sum / count
}

test('the same index and seed give the same bits, on any machine', () => {
  const hash = createHash('sha256')
  for (let index = 0; index < 4; index++) {
    const { image, mask } = small(index, 42)
    hash.update(new Uint8Array(image.data.buffer)).update(new Uint8Array(mask.data.buffer))
  }
  assert.equal(hash.digest('hex').slice(0, 16), GOLDEN)
})

/** Changes only when the generator is meant to draw something else. */
const GOLDEN = 'f0026aecd6db3f87'

test('index and seed matter, in any order of asking', () => {
  const first = small(5)
  assert.notDeepEqual(small(6).image.data, first.image.data)
  assert.notDeepEqual(small(5, 1).image.data, first.image.data)
  assert.deepEqual(small(5).image.data, first.image.data)
})

test('films are films: shades 0 to 1, lungs of a likely size, darker than what lies around them', () => {
  let darker = 0
  for (let index = 0; index < 40; index++) {
    const { image, mask } = small(index)
    assert.ok(image.data.every((value) => value >= 0 && value <= 1))
    assert.ok(mask.data.every((value) => value === 0 || value === 1))
    const share = mean(mask.data, () => true)
    assert.ok(share > 0.1 && share < 0.62, `${index}: ${share}`)
    const near = (at: number) => mask.data[at] === 0 && at % 64 > 8 && at % 64 < 56
    if (mean(image.data, (at) => mask.data[at] === 1) < mean(image.data, near)) darker += 1
  }
  assert.ok(darker >= 36, `${darker} of 40`)
})

test('a mask has two lungs, the patient apart', () => {
  for (let index = 0; index < 20; index++) {
    const { mask } = small(index)
    let rowsWithTwo = 0
    for (let y = 0; y < 64; y++) {
      let runs = 0
      for (let x = 0; x < 64; x++)
        if (mask.data[y * 64 + x] === 1 && (x === 0 || mask.data[y * 64 + x - 1] === 0)) runs += 1
      // Below the domes the inner and the outer end of a lung may show apart.
      assert.ok(runs <= 4)
      if (runs === 2) rowsWithTwo += 1
    }
    assert.ok(rowsWithTwo >= 15, `${index}: ${rowsWithTwo}`)
  }
})

test('the same parameters show the same body at any size and proportions', () => {
  const parameters = drawPhantomParameters(3, 7)
  const fine = renderPhantom(parameters, 160, 160)
  const coarse = renderPhantom(parameters, 80, 80)
  const shrunk = resize(fine.mask, 80, 80, 'area').data
  assert.ok(
    mean(
      coarse.mask.data.map((value, at) => Math.abs(value - shrunk[at])),
      () => true,
    ) < 0.02,
  )
  const picture = resize(fine.image, 80, 80, 'area').data
  assert.ok(
    mean(
      coarse.image.data.map((value, at) => Math.abs(value - picture[at])),
      () => true,
    ) < 0.04,
  )
  const wide = renderPhantom(
    { ...parameters, film: { ...parameters.film, borders: { left: 0, right: 0, top: 0, bottom: 0 } } },
    120,
    80,
  )
  assert.deepEqual([wide.image.width, wide.image.height], [120, 80])
})

test('parameters do what they say', () => {
  const plain = drawPhantomParameters(1, 1)
  plain.findings = { opacities: [], haze: { right: 0, left: 0 }, effusion: { right: 0, left: 0 } }
  plain.devices = { wires: 0, electrodes: 0, tube: false, line: false, pacemaker: false, marker: false }
  const healthy = renderPhantom(plain, 64, 64)
  const filled = renderPhantom({ ...plain, findings: { ...plain.findings, haze: { right: 0.8, left: 0 } } }, 64, 64)
  const right = (at: number) => healthy.mask.data[at] === 1 && at % 64 < 28
  assert.ok(mean(filled.image.data, right) > mean(healthy.image.data, right) + 0.03)
  assert.deepEqual(filled.mask.data, healthy.mask.data)
  const shifted = renderPhantom({ ...plain, frame: { ...plain.frame, centreX: plain.frame.centreX + 0.1 } }, 64, 64)
  const centre = (mask: Float32Array) =>
    mean(
      mask.map((value, at) => value * (at % 64)),
      (at) => mask[at] === 1,
    )
  assert.ok(centre(shifted.mask.data) > centre(healthy.mask.data) + 3)
})

test('sizes that make no sense are refused', () => {
  assert.throws(() => generatePhantom(0, { width: 0 }), /0×256 pixels; both sides must be whole numbers from 8 to 4096/)
  assert.throws(() => generatePhantom(0.5), /received 0.5/)
})
