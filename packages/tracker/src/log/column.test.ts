import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteReader, ByteWriter } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'

function roundTrip(values: number[]): { back: Float64Array; size: number } {
  const writer = new ByteWriter()
  encodeColumn(writer, Float64Array.from(values), values.length)
  const reader = new ByteReader(writer.view8())
  const back = decodeColumn(reader, values.length)
  assert.equal(reader.left, 0)
  return { back, size: writer.length }
}

const number = fc.oneof(
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 2 ** 51, -(2 ** 51), 2 ** 51 + 1),
)

test('every column comes back bit for bit', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 200 }), (values) => {
      const { back } = roundTrip(values)
      values.forEach((value, i) => {
        assert.ok(Object.is(value, back[i]), `${value} became ${back[i]}`)
      })
    }),
    { numRuns: 300 },
  )
})

test('columns of common shapes take few bytes', () => {
  const n = 1000
  const many = (f: (i: number) => number) => roundTrip(Array.from({ length: n }, (_, i) => f(i))).size
  assert.equal(
    many(() => 0.1),
    9,
  )
  assert.ok(many((i) => i) <= n + 10)
  assert.ok(many((i) => Math.fround(Math.sin(i))) <= 4 * n + 1)
  assert.ok(many((i) => Math.sin(i)) <= 8 * n + 1)
})

test('variable-length integers keep all 53 bits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
      (a, b) => {
        const writer = new ByteWriter()
        writer.varint(a)
        writer.zigzag(b)
        const reader = new ByteReader(writer.view8())
        assert.equal(reader.varint(), a)
        assert.equal(reader.zigzag(), b)
      },
    ),
  )
})
