import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyse } from '@trainyard/tracker/analysis'
import type { SweepParameter, Trial } from '@trainyard/tracker/api'
import { Analyst, analysisRows, knownParameters, type WorkerLike } from './analyst.ts'

const trial = (id: number, part: Partial<Trial> = {}): Trial => ({
  id,
  run: `r${id}`,
  state: 'finished',
  attempt: 1,
  params: { lr: 10 ** -(1 + (id % 4)), optimizer: id % 2 ? 'adam' : 'sgd' },
  value: (id % 4) + (id % 2) * 0.1,
  iterations: 1,
  agent: null,
  created: 0,
  started: 0,
  ended: 1,
  reason: null,
  ...part,
})
const parameters: SweepParameter[] = [
  { name: 'lr', kind: 'continuous', distribution: 'log_uniform_values', min: 1e-4, max: 0.1, values: null, log: true },
  {
    name: 'optimizer',
    kind: 'categorical',
    distribution: 'categorical',
    min: null,
    max: null,
    values: ['adam', 'sgd'],
    log: false,
  },
]

test('finished trials only, with what the sweep knows, make an analysis', () => {
  const trials = Array.from({ length: 40 }, (_, i) =>
    trial(i, i === 5 ? { state: 'pruned', value: 99 } : i === 6 ? { value: null } : {}),
  )
  const rows = analysisRows(trials)
  assert.equal(rows.length, 39)
  const known = knownParameters(parameters)
  assert.deepEqual(known, {
    lr: { scale: 'log', min: 1e-4, max: 0.1, list: false },
    optimizer: { list: true, scale: 'category' },
  })
  const made = analyse(rows, { metric: 'loss', goal: 'minimize', known })
  assert.equal(made.trials, 38)
  assert.equal(made.leftOut, 1)
  assert.equal(made.importance.parameters[0].names[0], 'lr')
})

test('answers find their questions, errors are errors, and closing ends what waits', async () => {
  const sent: { id: number; kind: string }[] = []
  const worker: WorkerLike = {
    postMessage: (message) => sent.push(message as never),
    onmessage: null,
    terminate: () => {},
  }
  const analyst = new Analyst(worker)
  const first = analyst.contour('a', 'b')
  const second = analyst.contour('a', 'c')
  const third = analyst.contour('a', 'd')
  worker.onmessage?.({ data: { id: sent[1].id, error: 'no parameter' } } as never)
  worker.onmessage?.({ data: { id: sent[0].id, contour: { means: [] } } } as never)
  assert.deepEqual(await first, { means: [] })
  await assert.rejects(second, /no parameter/)
  analyst.close()
  await assert.rejects(third, { name: 'AbortError' })
})
