import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { philox4x32 } from './philox.ts'
import { cos, exp, log, power, sin } from './portable.ts'
import { Random } from './random.ts'

test('Philox gives the known answers of Random123', () => {
  const cases: [number[], [number, number], number[]][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ]
  for (const [counter, key, expected] of cases) {
    const out = new Uint32Array(4)
    philox4x32(Uint32Array.from(counter), key, out)
    assert.deepEqual([...out], expected)
  }
})

test('portable functions agree with Math to 1e-13', () => {
  const near = (got: number, wanted: number, scale = Math.max(1, Math.abs(wanted))) =>
    assert.ok(Math.abs(got - wanted) <= 1e-13 * scale, `${got} but ${wanted}`)
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (x) => {
      near(exp(x), Math.exp(x), Math.exp(x))
      near(sin(x), Math.sin(x))
      near(cos(x), Math.cos(x))
    }),
  )
  fc.assert(
    fc.property(
      fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (x, y) => {
        near(log(x), Math.log(x))
        assert.ok(Math.abs(power(x, y) / x ** y - 1) < 1e-12)
      },
    ),
  )
  assert.deepEqual([exp(0), log(1), sin(0), cos(0), power(0, 2), log(0)], [1, 0, 0, 1, 0, Number.NEGATIVE_INFINITY])
})

test('streams are reproducible and differ by every part of their name', () => {
  const first = (...name: [number, number?, number?, number?]) => new Random(...name).bits()
  assert.equal(first(7, 1, 2, 3), first(7, 1, 2, 3))
  const names: [number, number?, number?, number?][] = [[7], [8], [7 + 2 ** 32], [7, 1], [7, 0, 1], [7, 0, 0, 1]]
  assert.equal(new Set(names.map((name) => first(...name))).size, names.length)
  assert.throws(() => new Random(-1), /whole numbers from 0 up, received -1/)
  assert.throws(() => new Random(1, 0.5), /received 0.5/)
})

test('moments are those of the distributions', () => {
  const random = new Random(1)
  const count = 40_000
  const mean = (draw: () => number) => Array.from({ length: count }, draw).reduce((a, b) => a + b, 0) / count
  assert.ok(Math.abs(mean(() => random.uniform(2, 4)) - 3) < 0.02)
  assert.ok(Math.abs(mean(() => random.normal(1, 2)) - 1) < 0.05)
  assert.ok(Math.abs(mean(() => random.normal() ** 2) - 1) < 0.05)
  assert.ok(Math.abs(mean(() => random.normal() ** 4) - 3) < 0.2)
  assert.ok(Math.abs(mean(() => random.integer(10)) - 4.5) < 0.1)
  assert.ok(Math.abs(mean(() => random.grain())) < 0.03)
  assert.ok(Math.abs(mean(() => random.grain() ** 2) - 1) < 0.03)
  for (let draw = 0; draw < 1000; draw++) assert.ok(Math.abs(random.normalWithin(5, 1, 1.5) - 5) <= 1.5)
})

test('a permutation holds every number once', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(200), (seed, count) => {
      const order = new Random(seed).permutation(count)
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        Array.from({ length: count }, (_, index) => index),
      )
    }),
  )
})
