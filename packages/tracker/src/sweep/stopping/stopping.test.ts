import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learningCurves } from '../../testing/learningCurves.ts'
import { ashaStopping } from './asha.ts'
import type { History } from './history.ts'
import { medianStopping } from './median.ts'

const ended = (id: string, values: number[]): History => ({ id, running: false, values })
const running = (id: string, values: number[], passedRung?: number): History => ({
  id,
  running: true,
  values,
  passedRung,
})

test('median stopping by hand: the best so far against the median of running means', () => {
  // Means of the first two values of the ended trials: 2, 3, 5. Their median is 3.
  const others = [ended('a', [3, 1, 1]), ended('b', [4, 2]), ended('c', [5, 5, 5]), ended('short', [0])]
  const options = { goal: 'minimize', minIterations: 1, minTrials: 3 } as const
  assert.deepEqual(medianStopping([...others, running('x', [4, 3.5])], options), [
    { id: 'x', iteration: 2, value: 3.5, threshold: 3 },
  ])
  assert.deepEqual(medianStopping([...others, running('x', [3, 9])], options), [])
  assert.deepEqual(medianStopping([...others, running('x', [9, 9])], { ...options, minIterations: 3 }), [])
  assert.deepEqual(medianStopping([...others, running('x', [9, 9])], { ...options, minTrials: 4 }), [])
  assert.deepEqual(medianStopping([...others, running('x', [9, 9, 9])], options), [], 'only two got as far as three')
})

test('median stopping maximises by mirroring', () => {
  const others = [ended('a', [1]), ended('b', [2]), ended('c', [3])]
  const options = { goal: 'maximize', minIterations: 1, minTrials: 3 } as const
  assert.deepEqual(medianStopping([...others, running('x', [1.5]), running('y', [2])], options), [
    { id: 'x', iteration: 1, value: 1.5, threshold: 2 },
  ])
})

test('asha stops a trial that is not among the best third when it reaches a rung', () => {
  const options = { goal: 'minimize', rungs: [1, 3, 9], eta: 3 } as const
  const others = [ended('a', [1]), ended('b', [2]), ended('c', [3]), ended('d', [4]), ended('e', [5])]
  // Six values at rung 1: the best two go on.
  assert.deepEqual(ashaStopping([...others, running('x', [2.5])], options), {
    stop: [{ id: 'x', iteration: 1, value: 2.5, threshold: 2 }],
    passed: [],
  })
  assert.deepEqual(ashaStopping([...others, running('x', [1.5])], options), {
    stop: [],
    passed: [{ id: 'x', rung: 1 }],
  })
  // Alone at rung 3 it goes on; what others did at a rung that it has passed does not matter any more.
  assert.deepEqual(ashaStopping([...others, running('x', [9, 9, 9], 1)], options), {
    stop: [],
    passed: [{ id: 'x', rung: 3 }],
  })
  // A trial that jumps over several rungs is judged at each of them.
  assert.deepEqual(
    ashaStopping([...others, running('x', [9, 0, 0])], options).stop.map(({ iteration }) => iteration),
    [1],
  )
})

test('asha run over curves value by value keeps about a third at each rung, with the best among them', () => {
  const curves = learningCurves(200, 1, 9).map(({ id }, index) => ({
    id,
    values: Array.from({ length: 27 }, (_, step) => ((index * 7919) % 200) + 100 / (step + 1)),
  }))
  const options = { goal: 'minimize', rungs: [1, 3, 9], eta: 3 } as const
  const state = new Map(curves.map(({ id }) => [id, { length: 0, running: true, passedRung: 0 }]))
  // Ten at a time, each to its end, as agents would run them.
  for (let batch = 0; batch < curves.length; batch += 10)
    for (let step = 1; step <= 27; step++) {
      for (const { id } of curves.slice(batch, batch + 10)) if (state.get(id)!.running) state.get(id)!.length = step
      const histories = curves
        .slice(0, batch + 10)
        .map(({ id, values }) => ({ id, ...state.get(id)!, values: values.slice(0, state.get(id)!.length) }))
        .map((history) => ({ ...history, running: history.running && history.values.length === step }))
      const { stop, passed } = ashaStopping(histories, options)
      for (const { id } of stop) state.get(id)!.running = false
      for (const { id, rung } of passed) state.get(id)!.passedRung = rung
      if (step === 27) for (const { id } of curves.slice(batch, batch + 10)) state.get(id)!.running = false
    }
  const reached = (length: number) => [...state.values()].filter((trial) => trial.length >= length).length
  assert.ok(reached(2) > 50 && reached(2) < 100, `${reached(2)} of 200 passed the first rung`)
  assert.ok(reached(4) < 0.6 * reached(2), `${reached(4)} passed the second`)
  const best = curves.reduce((a, b) => (b.values[26] < a.values[26] ? b : a)).id
  assert.equal(state.get(best)!.length, 27)
})
