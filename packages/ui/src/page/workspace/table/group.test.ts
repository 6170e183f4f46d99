import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupCell, groupLabel } from './group.ts'

test('words speak for themselves, numbers need their name', () => {
  assert.equal(groupLabel(['sgd', 40], ['config.optimizer.name', 'config.batchSize']), 'sgd · batchSize 40')
  assert.equal(groupLabel([null], ['config.model/depth']), 'no depth')
  assert.equal(groupLabel(['8'], ['config.batch']), 'batch 8')
  assert.equal(groupLabel([true], ['config.augment']), 'augment true')
})

test('cells: one value where all agree, else mean and half the range; dates say the newest', () => {
  const apart = { count: 3, mean: 0.5, min: 0.25, max: 0.75, same: null }
  assert.deepEqual(groupCell('last.loss', apart, 0), {
    text: '0.5',
    spread: '± 0.25',
    title: 'mean of 3, from 0.25 to 0.75',
  })
  assert.equal(groupCell('config.lr', { ...apart, same: 0.1 }, 0).text, '0.1')
  assert.equal(groupCell('created', { ...apart, max: 1000 }, 1060).text, '1 m ago')
  assert.equal(groupCell('duration', { ...apart, mean: 90 }, 0).spread, '')
  assert.equal(groupCell('config.x', { count: 0, mean: null, min: null, max: null, same: null }, 0).text, '')
  assert.equal(groupCell('config.x', undefined, 0).text, '')
})
