import assert from 'node:assert/strict'
import { test } from 'node:test'
import { philox } from './philox.ts'
import { Stream } from './stream.ts'

test("philox gives the known answers of the authors' Random123 library", () => {
  const all = 0xffffffff
  assert.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  assert.deepEqual(philox([all, all, all, all], [all, all]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  )
})

test('a stream repeats itself, and differs by seed, number and name', () => {
  const take = (stream: Stream) => Array.from({ length: 9 }, () => stream.uniform())
  const base = take(new Stream(7, 3, 'lr'))
  assert.deepEqual(take(new Stream(7, 3, 'lr')), base)
  for (const other of [
    new Stream(8, 3, 'lr'),
    new Stream(7, 4, 'lr'),
    new Stream(7, 3, 'rl'),
    new Stream(7 + 2 ** 40, 3, 'lr'),
  ])
    assert.equal(take(other).filter((value, index) => value === base[index]).length, 0)
})

test('uniform numbers fill the open unit interval evenly, also across streams of neighbouring trials', () => {
  const bins = new Array(20).fill(0)
  const count = 40_000
  for (let trial = 0; trial < count; trial++) {
    const value = new Stream(1, trial, 'x').uniform()
    assert.ok(value > 0 && value < 1)
    bins[Math.floor(value * 20)]++
  }
  const expected = count / 20
  const chiSquare = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0)
  assert.ok(chiSquare < 43.8, `chi-square ${chiSquare} with 19 degrees of freedom`) // exceeded by chance once in 1,000
})

test('a subset has different members, each as likely as any', () => {
  const seen = new Array(6).fill(0)
  for (let number = 0; number < 3000; number++) {
    const subset = new Stream(5, number, 'subset').subset(6, 2)
    assert.equal(new Set(subset).size, 2)
    for (const member of subset) seen[member]++
  }
  for (const times of seen) assert.ok(Math.abs(times - 1000) < 110, `${seen}`)
  assert.equal(new Stream(5, 0, 'subset').subset(3, 10).length, 3)
})
