import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../errors.ts'
import { idxBytes } from '../testing/idx.ts'
import { parseIdx } from './parse.ts'

const fails = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(
    () => parseIdx(bytes, 'some-file'),
    (thrown) => thrown instanceof DataError && thrown.file === 'some-file' && message.test(thrown.message),
  )

test('any array of bytes survives being written and read', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (shape, stream) => {
        const values = [...stream.take(shape.reduce((a, b) => a * b, 1))]
        const read = parseIdx(idxBytes(shape, values), 'x')
        assert.deepEqual(read.shape, shape)
        assert.deepEqual([...read.data], values)
      },
    ),
  )
})

test('wider types are turned from big-endian', () => {
  assert.deepEqual(parseIdx(idxBytes([2], [0x01, 0x02, 0xff, 0xfe], 11), 'x').data, Int16Array.of(0x0102, -2))
  assert.deepEqual(parseIdx(idxBytes([1], [0, 0, 1, 0], 12), 'x').data, Int32Array.of(256))
  assert.deepEqual(parseIdx(idxBytes([1], [0x3f, 0x80, 0, 0], 13), 'x').data, Float32Array.of(1))
  assert.deepEqual(parseIdx(idxBytes([1], [0xbf, 0xf0, 0, 0, 0, 0, 0, 0], 14), 'x').data, Float64Array.of(-1))
})

test('8-bit data is a view, also of bytes that do not start at 0', () => {
  const backing = new Uint8Array(100)
  backing.set(idxBytes([3], [1, 2, 3]), 7)
  assert.deepEqual([...parseIdx(backing.subarray(7, 7 + 11), 'x').data], [1, 2, 3])
})

test('each kind of damage has its message', () => {
  fails(new Uint8Array(0), /some-file: is empty/)
  fails(Uint8Array.of(0, 0), /cut short: 2 bytes/)
  fails(new TextEncoder().encode('<html>not found</html>'), /not an idx file: it begins with 3c 68 74 6d/)
  fails(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0), /begins with 00 00 0a 01/)
  fails(idxBytes([2, 3], [1, 2, 3, 4, 5, 6]).subarray(0, 9), /the header alone has 12/)
  fails(idxBytes([2, 3], [1, 2, 3, 4, 5]), /cut short: its header says \[2, 3\] uint8, 18 bytes, but it has 17/)
  fails(idxBytes([2, 3], [1, 2, 3, 4, 5, 6, 7]), /too long/)
  fails(idxBytes([0xffffffff, 0xffffffff], []), /too large to be true/)
})
