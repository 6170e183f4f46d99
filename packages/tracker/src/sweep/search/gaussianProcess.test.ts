import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectedImprovement } from './bayes.ts'
import { cholesky, solveLower, solveUpper } from './cholesky.ts'
import { fitGaussianProcess } from './gaussianProcess.ts'

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`)

test('the factor times its transpose is the matrix, and solves undo it', () => {
  const matrix = Float64Array.from([4, 2, 0.6, 2, 5, 1, 0.6, 1, 3])
  const lower = cholesky(matrix, 3)!
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      let sum = 0
      for (let k = 0; k < 3; k++) sum += lower[row * 3 + k] * lower[column * 3 + k]
      near(sum, matrix[row * 3 + column], 1e-12)
    }
  const x = solveUpper(lower, 3, solveLower(lower, 3, Float64Array.from([1, 2, 3])))
  for (let row = 0; row < 3; row++) {
    const sum = [0, 1, 2].reduce((total, column) => total + matrix[row * 3 + column] * x[column], 0)
    near(sum, row + 1, 1e-12)
  }
  assert.equal(cholesky(Float64Array.from([1, 2, 2, 1]), 2), undefined)
})

test("means, deviations and length scale are scikit-learn's", () => {
  // GaussianProcessRegressor(Matern(nu=1.5), alpha=1e-7, n_restarts_optimizer=20) of scikit-learn 1.9 on the same points.
  const points = [
    [0.1, 0.2],
    [0.8, 0.7],
    [0.4, 0.9],
    [0.6, 0.1],
    [0.95, 0.4],
    [0.3, 0.5],
  ]
  const values = [0.519426, -0.266802, 1.719297, 0.15112, -0.839293, 1.247495]
  const process = fitGaussianProcess(points, values)
  near(process.lengthScale, 0.437119, 1e-3)
  near(process.predict([0.5, 0.5]).mean, 0.727655, 1e-3)
  near(process.predict([0.5, 0.5]).deviation, 0.404958, 1e-3)
  near(process.predict([0.05, 0.9]).mean, 1.404651, 1e-3)
  near(process.predict([0.05, 0.9]).deviation, 0.670528, 1e-3)
  near(process.predict([0.6, 0.1]).mean, 0.15112, 1e-3)
  near(process.predict([0.6, 0.1]).deviation, 0.000274, 1e-3)
})

test('it goes through the points, and is unsure between them', () => {
  const process = fitGaussianProcess([[0.1], [0.5], [0.9]], [1, -1, 2])
  near(process.predict([0.5]).mean, -1, 1e-3)
  assert.ok(process.predict([0.5]).deviation < 0.01)
  assert.ok(process.predict([0.7]).deviation > 0.1)
})

test('values that are all the same say nothing about the length scale', () => {
  assert.ok(fitGaussianProcess([[0.1], [0.5], [0.9]], [1, 1, 1]).atBound)
})

test('expected improvement is the mean of the gain over a normal distribution', () => {
  const [mean, deviation, best] = [0.3, 0.5, 0.1]
  let sum = 0
  const steps = 20_000
  for (let step = 0; step < steps; step++) {
    const z = -8 + (16 * (step + 0.5)) / steps
    sum += (Math.max(best - (mean + deviation * z), 0) * Math.exp(-z * z * 0.5) * 16) / steps / Math.sqrt(2 * Math.PI)
  }
  near(expectedImprovement({ mean, deviation }, best), sum, 1e-6)
  assert.equal(expectedImprovement({ mean: 0, deviation: 0 }, 1), 1)
  assert.equal(expectedImprovement({ mean: 2, deviation: 0 }, 1), 0)
})
