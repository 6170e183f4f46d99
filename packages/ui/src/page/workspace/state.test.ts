import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeJson } from '../address/json.ts'
import { smoothingOf } from '../charts/settings.ts'
import { defaultState, readState, type WorkspaceState, writeState } from './state.ts'

const roundTrip = (state: WorkspaceState) => readState(new URLSearchParams(writeState(state).toString()))

test('an untouched workspace leaves no trace in the address', () => {
  assert.equal(writeState(defaultState()).toString(), '')
  assert.deepEqual(readState(new URLSearchParams()), defaultState())
})

test('every setting comes back from the address as it was', () => {
  const column = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.isWellFormed())
  const plain = { noNullPrototype: true }
  const state = fc.record(
    {
      view: fc.constantFrom('split' as const, 'table' as const, 'charts' as const),
      search: fc.string(),
      where: fc.string(),
      archived: fc.boolean(),
      sort: fc.array(fc.record({ column, descending: fc.boolean() }, plain), { maxLength: 3 }),
      groupBy: fc.array(column, { maxLength: 4 }),
      columns: fc.option(fc.array(column, { maxLength: 5 })),
      pinned: fc.array(column, { maxLength: 3 }),
      widths: fc.dictionary(column, fc.integer({ min: 40, max: 900 }), plain),
      limit: fc.integer({ min: 1, max: 100 }),
      hidden: fc.array(fc.stringMatching(/^[a-z0-9]{8}$/), { maxLength: 4 }),
      chart: fc.record(
        {
          x: fc.oneof(
            fc.constantFrom('auto' as const, 'step' as const, 'wall' as const),
            fc.record({ metric: column }, plain),
          ),
          smoothing: fc
            .tuple(
              fc.constantFrom('none' as const, 'ema' as const, 'running-mean' as const, 'gaussian' as const),
              fc.nat(9),
            )
            .map(([kind, strength]) => smoothingOf(kind, kind === 'ema' ? strength / 10 : strength)),
          logX: fc.boolean(),
          logY: fc.boolean(),
          ignoreOutliers: fc.boolean(),
          showRange: fc.boolean(),
          center: fc.constantFrom('mean' as const, 'median' as const),
          band: fc.constantFrom('deviation' as const, 'range' as const),
        },
        plain,
      ),
    },
    plain,
  )
  fc.assert(
    fc.property(state, (part) => {
      const whole: WorkspaceState = { ...defaultState(), ...part }
      assert.deepEqual(roundTrip(whole), whole)
    }),
  )
})

test('panels: places, sizes, own settings, own panels', () => {
  const state = defaultState()
  state.panels = {
    sections: ['val', 'train'],
    toggled: ['system'],
    places: { train: ['train/loss', 'train/ü'] },
    sizes: { 'train/loss': [2, 320] },
    settings: { 'train/loss': { logY: true } },
    custom: [{ id: 'c1', section: 'val', title: 'Both losses', metrics: ['train/loss', 'val/loss'] }],
    removed: ['epoch'],
  }
  assert.deepEqual(roundTrip(state), state)
})

test('mangled addresses open with what can be read', () => {
  const query = new URLSearchParams({
    view: 'cinema',
    limit: '-3',
    sort: '+%E0%A4%A',
    widths: 'not base64 at all',
    panels: encodeJson({ sections: 'no list', sizes: { a: [1], b: [2, 300] }, custom: [{ id: 1 }] }),
    smooth: 'ema:banana',
    where: 'state == "running"',
  })
  const state = readState(query)
  assert.equal(state.view, 'split')
  assert.equal(state.limit, 10)
  assert.deepEqual(state.sort, [])
  assert.deepEqual(state.panels.sizes, { b: [2, 300] })
  assert.deepEqual(state.panels.custom, [])
  assert.deepEqual(state.chart.smoothing, { kind: 'ema', weight: 0.6 })
  assert.equal(state.where, 'state == "running"')
})
