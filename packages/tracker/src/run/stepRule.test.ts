import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StepRule } from './stepRule.ts'

const places = (calls: [step?: number, commit?: boolean][]) => {
  const rule = new StepRule()
  return calls.map(([step, commit]) => {
    const place = rule.place(step, commit)
    return `${place.step}${place.continues ? '+' : ''}${place.conflict ? '!' : ''}`
  })
}

test('calls without a step count up, an empty one too', () => {
  assert.deepEqual(places([[], [], []]), ['0', '1', '2'])
})

test('calls with the same step join one row until a larger step comes', () => {
  assert.deepEqual(places([[5], [5], [6], [6], [9]]), ['5', '5+', '6', '6+', '9'])
})

test('commit false holds the row open, commit true closes it', () => {
  assert.deepEqual(places([[undefined, false], [undefined, false], [], []]), ['0', '0+', '0+', '1'])
  assert.deepEqual(places([[3, true], [], [4]]), ['3', '4', '5'].with(2, '4!'))
})

test('a step below the current one is a conflict and does not move the counter', () => {
  assert.deepEqual(places([[10], [3], [3], [10], []]), ['10', '3!', '3+!', '10', '10+'])
})
