import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRates } from './compareRates.ts'

/** A measurement that gives these rates, one after the other, and then the last for ever. */
const measured = (...rates: number[]) => {
  let looks = 0
  return Object.assign(() => rates[Math.min(looks++, rates.length - 1)], { looks: () => looks })
}

test('what is faster is seen at once', () => {
  const wide = measured(80)
  assert.deepEqual(compareRates(wide, measured(30)), { faster: true, rates: [80, 30] })
  assert.equal(wide.looks(), 1)
})

test('a machine that was busy at the first looks does not change the choice', () => {
  assert.equal(compareRates(measured(2, 31, 80), measured(30)).faster, true)
  assert.equal(compareRates(measured(0, 0, 0, 0, 80), measured(1, 30)).faster, true)
})

test('what is not faster is refused after many looks', () => {
  const same = measured(30)
  assert.deepEqual(compareRates(same, measured(29, 30)), { faster: false, rates: [30, 30] })
  assert.ok(same.looks() > 5)
})
