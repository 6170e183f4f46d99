import assert from 'node:assert/strict'

/**
 * Compares a training's losses with recorded ones: within 1e-4 relative over the first ten steps, 1e-3 over all. Rounding
 * differs from engine to engine and grows from step to step.
 */
export function assertTrajectory(losses: readonly number[], expected: readonly number[]): void {
  losses.forEach((loss, step) => {
    const error = Math.abs(loss - expected[step]) / Math.abs(expected[step])
    const allowed = step < 10 ? 1e-4 : 1e-3
    assert.ok(
      error <= allowed,
      `the loss of step ${step + 1} is ${loss}, recorded ${expected[step]}: ${error.toExponential(1)} apart, ${allowed} allowed`,
    )
  })
}
