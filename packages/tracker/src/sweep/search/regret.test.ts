/**
 * Bayesian search and TPE against random search on known problems. A few seeds by default; all twenty over sixty trials with
 * TRAINYARD_FULL_TESTS=1, which also prints the regret curves.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { branin, hartmann6, type OptimisationProblem } from '../../testing/optimisationProblems.ts'
import { runTrials } from '../../testing/trials.ts'
import { readSweep } from '../configuration/read.ts'
import type { Method, ParameterConfiguration } from '../configuration/types.ts'
import { createSearcher } from './create.ts'

const full = process.env.TRAINYARD_FULL_TESTS === '1'
const seeds = full ? 20 : 4
const length = full ? 60 : 40

/** For each seed, the distance of the best value so far from the minimum, after each trial. */
function regrets(method: Method, problem: OptimisationProblem): number[][] {
  const names = Array.from({ length: problem.dimensions }, (_, index) => `x${index}`)
  const uniform: ParameterConfiguration = { distribution: 'uniform', min: 0, max: 1 }
  const parameters = Object.fromEntries(names.map((name) => [name, uniform]))
  const sweep = readSweep({ method, metric: { name: 'y' }, parameters })
  return Array.from({ length: seeds }, (_, seed) => {
    let best = Number.POSITIVE_INFINITY
    return runTrials(createSearcher(sweep, seed), length, (values) =>
      problem.evaluate(names.map((name) => values[name] as number)),
    ).map((trial) => (best = Math.min(best, trial.metric!.last)) - problem.minimum)
  })
}

const mean = (curves: number[][], trial: number) => curves.reduce((sum, curve) => sum + curve[trial], 0) / seeds
const median = (curves: number[][], trial: number) => {
  const sorted = curves.map((curve) => curve[trial]).sort((a, b) => a - b)
  return (sorted[(seeds - 1) >> 1] + sorted[seeds >> 1]) / 2
}
const both = (curves: number[][], trial: number) =>
  `mean ${mean(curves, trial).toFixed(4)}, median ${median(curves, trial).toFixed(4)}`

for (const problem of [branin, hartmann6]) {
  const random = regrets('random', problem)
  for (const method of ['bayes', 'tpe'] as const)
    test(`${method} beats random search on ${problem.name} after ${length} trials, over ${seeds} seeds`, (context) => {
      const curves = regrets(method, problem)
      for (const trial of [19, 39, 59].filter((trial) => trial < length))
        context.diagnostic(
          `${problem.name}, ${trial + 1} trials: ${method} ${both(curves, trial)}; random ${both(random, trial)}`,
        )
      const last = length - 1
      assert.ok(mean(curves, last) < 0.7 * mean(random, last))
      assert.ok(median(curves, last) < median(random, last))
      const wins = curves.filter((curve, seed) => curve[last] < random[seed][last]).length
      context.diagnostic(`better for ${wins} of ${seeds} seeds`)
      assert.ok(wins >= 0.7 * seeds, `better for ${wins} of ${seeds} seeds`)
    })
}

test('the problems have the minima that are published for them', () => {
  assert.ok(Math.abs(branin.evaluate([(Math.PI + 5) / 15, 2.275 / 15]) - branin.minimum) < 1e-9)
  const optimum = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]
  assert.ok(Math.abs(hartmann6.evaluate(optimum) - hartmann6.minimum) < 1e-5)
})
