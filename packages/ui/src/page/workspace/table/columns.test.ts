import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Column } from '@trainyard/tracker/api'
import { automaticColumns, cell, columnLabel, columnTitle, splitColumn } from './columns.ts'

test('a column is a field or a key in a space; dots and slashes in keys stay', () => {
  assert.deepEqual(splitColumn('config.optimizer.lr'), { space: 'config', key: 'optimizer.lr' })
  assert.deepEqual(splitColumn('min.val/acc@0.5'), { space: 'min', key: 'val/acc@0.5' })
  assert.deepEqual(splitColumn('jobType'), { space: '', key: 'jobType' })
  assert.deepEqual(splitColumn('odd.name'), { space: '', key: 'odd.name' })
  assert.equal(columnTitle('jobType'), 'Job type')
  assert.equal(columnLabel('min.val/loss'), 'min val/loss')
})

const column = (id: string, part: Partial<Column> = {}): Column => ({
  id,
  kind: id.startsWith('config.') ? 'config' : 'metric',
  key: id.slice(id.indexOf('.') + 1),
  type: 'number',
  runs: 10,
  min: 0,
  max: 1,
  values: null,
  differs: false,
  swept: false,
  ...part,
})

test('by itself the table shows what was swept, what was measured, what differs; nothing of the machine', () => {
  const chosen = automaticColumns([
    column('config.seed', { differs: true }),
    column('config.same'),
    column('config.lr', { swept: true, differs: true }),
    column('last.system/cpu'),
    column('last.train/loss'),
    column('last.val/loss'),
  ])
  assert.deepEqual(chosen, ['created', 'duration', 'config.lr', 'last.val/loss', 'last.train/loss', 'config.seed'])
})

test('a project with thousands of keys still starts with a readable table', () => {
  const columns = Array.from({ length: 12_000 }, (_, i) =>
    column(i % 2 ? `config.k${i}` : `last.m${i}`, { differs: true }),
  )
  assert.ok(automaticColumns(columns).length <= 14)
})

test('cells', () => {
  assert.equal(cell('duration', 200), '3 m 20 s')
  assert.equal(cell('config.lr', 0.001), '0.001')
  assert.equal(cell('last.loss', 'NaN'), 'NaN')
  assert.equal(cell('config.flag', false), 'false')
  assert.equal(cell('config.missing', null), '')
  assert.match(cell('created', 1_700_000_000), /^2023-11-1\d \d\d:\d\d:\d\d$/)
})
