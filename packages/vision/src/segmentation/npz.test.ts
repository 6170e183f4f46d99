import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zipSync } from 'fflate'
import { npyBytes } from '../testing/npy.ts'
import { readArraySample } from './arrays.ts'
import { readSegmentationNpz } from './npz.ts'

/** Two pictures a part, 4×4; the mask is what is brighter than 0.5. */
function arrays(change: Record<string, Uint8Array | undefined> = {}): Uint8Array {
  const values = Array.from({ length: 32 }, (_, index) => (index % 16) / 16)
  const files: Record<string, Uint8Array> = {}
  for (const part of ['train', 'val', 'test']) {
    files[`x_${part}.npy`] = npyBytes([2, 4, 4, 1], values)
    files[`y_${part}.npy`] = npyBytes(
      [2, 4, 4, 1],
      values.map((value) => (value > 0.5 ? 1 : 0)),
    )
  }
  for (const [key, bytes] of Object.entries(change)) {
    if (bytes) files[`${key}.npy`] = bytes
    else delete files[`${key}.npy`]
  }
  return zipSync(files)
}
const size = { width: 4, height: 4 }

test('the parts of a npz are read, also at another size', () => {
  const { train, validation, test } = readSegmentationNpz(arrays(), 'lungs.npz', size)
  assert.deepEqual([train.infos.length, validation.infos.length, test.infos.length], [2, 2, 2])
  const { name, image, mask } = readArraySample(test, 1)
  assert.equal(name, 'test-1')
  assert.deepEqual(
    [...image.data],
    Array.from({ length: 16 }, (_, index) => index / 16),
  )
  assert.deepEqual([...mask.data], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
  const small = readArraySample(readSegmentationNpz(arrays(), 'lungs.npz', { width: 2, height: 2 }).train, 0)
  assert.deepEqual(
    [...small.image.data],
    [2.5, 4.5, 10.5, 12.5].map((value) => value / 16),
  )
})

test('a part alone needs no others', () => {
  const bytes = arrays({ x_train: undefined, y_train: undefined, x_val: undefined })
  const parts = readSegmentationNpz(bytes, 'lungs.npz', { ...size, parts: ['test'] })
  assert.deepEqual(Object.keys(parts), ['test'])
  assert.equal(parts.test.infos.length, 2)
})

test('values up to 255 are scaled', () => {
  const bytes = arrays({ x_val: npyBytes([2, 4, 4], new Array(32).fill(51)) })
  const { validation } = readSegmentationNpz(bytes, 'lungs.npz', size)
  assert.ok(readArraySample(validation, 0).image.data.every((value) => Math.abs(value - 0.2) < 1e-6))
})

test('what does not fit is named', () => {
  const fails = (change: Parameters<typeof arrays>[0], message: RegExp) =>
    assert.throws(() => readSegmentationNpz(arrays(change), 'lungs.npz', size), message)
  fails({ x_val: undefined, y_test: undefined }, /lungs\.npz: no array x_val, y_test; it holds x_train/)
  assert.throws(
    () => readSegmentationNpz(arrays(), 'lungs.npz', { width: 2 ** 15, height: 2 ** 15 }),
    /2 images in x_train need more than the 8 GiB .* at 32768×32768; choose a smaller size/,
  )
  fails({ y_val: npyBytes([1, 4, 4], new Array(16).fill(0)) }, /2 images in x_val, but 1 masks in y_val/)
  fails({ y_val: npyBytes([2, 2, 4], new Array(16).fill(0)) }, /x_val is 4×4, but y_val is 2×4/)
  fails({ x_test: npyBytes([0, 4, 4], []), y_test: npyBytes([0, 4, 4], []) }, /x_test holds no images/)
  fails({ x_train: npyBytes([2, 16], new Array(32).fill(0)) }, /x_train has shape \[2, 16\], \[count/)
  fails({ x_train: npyBytes([2, 4, 4], new Array(32).fill(-1)) }, /x_train holds -1;/)
  fails({ x_train: npyBytes([2, 4, 4], new Array(32).fill(999)) }, /x_train holds values up to 999/)
  fails({ x_train: npyBytes([2, 4, 4], new Array(32).fill(Number.NaN)) }, /not numbers/)
  fails(
    {
      y_train: npyBytes(
        [2, 4, 4],
        Array.from({ length: 32 }, (_, index) => index / 32),
      ),
    },
    /y_train\[0\]: the mask is not binary/,
  )
})
