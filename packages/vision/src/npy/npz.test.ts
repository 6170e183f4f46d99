import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { DataError } from '../errors.ts'
import { npyBytes } from '../testing/npy.ts'
import { COMPRESSED, OBJECTS, STORED } from '../testing/npzFixtures.ts'
import { openNpz } from './npz.ts'
import { parseNpy } from './parse.ts'

const fails = (act: () => unknown, message: RegExp) =>
  assert.throws(act, (thrown) => thrown instanceof DataError && message.test(thrown.message))

test('what NumPy wrote is read: every kind of element, both orders, compressed and stored', () => {
  const npz = openNpz(Buffer.from(COMPRESSED, 'base64'), 'a.npz', { keys: ['x_train'] })
  assert.deepEqual(npz.keys, ['x_train', 'half', 'fortran', 'flags', 'big', 'wide', 'scalar'])
  const read = (key: string) => {
    const { dtype, shape, data } = npz.get(key)
    return [dtype, shape, [...data]]
  }
  assert.deepEqual(read('x_train'), ['float64', [3, 2, 2, 1], Array.from({ length: 12 }, (_, index) => index / 8)])
  assert.deepEqual(read('half'), ['float16', [2, 2], [1, -2.5, 0.0999755859375, 65504]])
  assert.deepEqual(read('fortran'), ['int32', [2, 3], [0, 1, 2, 3, 4, 5]])
  assert.deepEqual(read('flags'), ['bool', [2], [1, 0]])
  assert.deepEqual(read('big'), ['uint16', [2], [1, 2]])
  assert.deepEqual(read('wide'), ['int64', [2], [-5, 2 ** 40]])
  assert.deepEqual(read('scalar'), ['float32', [], [2.5]])
  assert.deepEqual([...openNpz(Buffer.from(STORED, 'base64'), 'b.npz').get('y').data], [0, 1, 2, 3])
})

test('any float array survives, in either order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean(), (shape, fortran) => {
      const count = shape.reduce((a, b) => a * b, 1)
      const values = Array.from({ length: count }, (_, index) => index * 1.5)
      const read = parseNpy(npyBytes(shape, values, { fortran }), 'x')
      assert.deepEqual([read.shape, [...read.data]], [shape, values])
    }),
  )
})

test('keys that are missing are named together with those that are there', () => {
  const bytes = zipSync({ 'x_train.npy': npyBytes([1], [1]), 'y_train.npy': npyBytes([1], [1]) })
  fails(
    () => openNpz(bytes, 'a.npz', { keys: ['x_train', 'x_val', 'x_test'] }),
    /a\.npz: no array x_val, x_test; it holds x_train, y_train/,
  )
  fails(() => openNpz(bytes, 'a.npz').get('z'), /no array z; it holds/)
})

test('damage is told', () => {
  fails(() => openNpz(Buffer.from('hello'), 'a.npz'), /is not a \.npz file/)
  fails(() => openNpz(Buffer.from(OBJECTS, 'base64'), 'a.npz').get('y'), /a\.npz: y\.npy: holds Python objects/)
  const good = zipSync(
    {
      'x.npy': npyBytes(
        [200],
        Array.from({ length: 200 }, (_, index) => index),
      ),
    },
    { level: 9 },
  )
  for (let length = 4; length < good.length; length += 7)
    fails(() => openNpz(good.subarray(0, length), 'a.npz').get('x'), /damaged or cut short/)
  const stored = zipSync({ 'x.npy': npyBytes([200], new Array(200).fill(1)) }, { level: 0 })
  stored[400] ^= 1
  fails(() => openNpz(stored, 'a.npz').get('x'), /checksum differs/)
  const npy = npyBytes([3], [1, 2, 3])
  fails(() => parseNpy(npy.subarray(0, npy.length - 1), 'x.npy'), /cut short: \[3\] float32 needs/)
  fails(() => parseNpy(npy.subarray(0, 30), 'x.npy'), /cut short within its header/)
  fails(() => parseNpy(npyBytes([1], [1], { descr: '<c8' }), 'x.npy'), /element type '<c8' is not read/)
  fails(() => parseNpy(npyBytes([1], [1], { descr: '|V4' }), 'x.npy'), /element type '\|V4'/)
})

test('random damage never does worse than a DataError', () => {
  const good = zipSync({
    'x.npy': npyBytes(
      [50],
      Array.from({ length: 50 }, (_, index) => index % 7),
    ),
  })
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bad = good.slice()
      bad[at] ^= flip
      try {
        openNpz(bad, 'a.npz').get('x')
      } catch (thrown) {
        assert.ok(thrown instanceof DataError, String(thrown))
      }
    }),
    { numRuns: 500 },
  )
})

test('zip bombs are refused by what they declare and by what they do', () => {
  const bomb = zipSync({ 'x.npy': npyBytes([1_000_000], new Array(1_000_000).fill(0)) }, { level: 9 })
  fails(
    () => openNpz(bomb, 'a.npz', { maxBytes: 1_000_000 }),
    /would expand to 3\.81 MiB, at most 977 KiB are allowed; refused/,
  )
  const black = zipSync({ 'x.npy': new Uint8Array(2 ** 28 + 1) }, { level: 6 })
  fails(() => openNpz(black, 'a.npz'), /would expand from 2\d\d KiB to 256 MiB, \d{3,4} times as much; refused/)
  assert.deepEqual(openNpz(black, 'a.npz', { maxBytes: 2 ** 30 }).keys, ['x'])
  const lying = (size: number) => {
    const bytes = bomb.slice()
    const view = new DataView(bytes.buffer)
    for (let at = 0; at + 4 < bytes.length; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true)
    return bytes
  }
  fails(
    () => openNpz(lying(100_000), 'a.npz').get('x'),
    /expands to more than the 100000 bytes that it declares; refused/,
  )
  fails(
    () => openNpz(lying(0x7fffffff), 'a.npz', { maxBytes: 2 ** 33 }).get('x'),
    /declares 2147483647 bytes, more than its \d+ compressed ones can hold/,
  )
})
