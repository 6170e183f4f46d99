import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Stream } from '../random/stream.ts'
import type { Distribution } from './distribution.ts'
import { type DistributionName, distributions } from './table.ts'

// One example of each, with the mean and the standard deviation of what it draws, from the textbook formulas.
const log = Math.log
const logUniformMean = (a: number, b: number) => (b - a) / log(b / a)
const logUniformDeviation = (a: number, b: number) =>
  Math.sqrt((b * b - a * a) / (2 * log(b / a)) - logUniformMean(a, b) ** 2)
const examples: Record<
  DistributionName,
  { fields: object; bounds: [number, number]; step?: number; mean: number; deviation: number }
> = {
  constant: { fields: { value: 3 }, bounds: [3, 3], mean: 3, deviation: 0 },
  categorical: { fields: { values: [1, 2, 6] }, bounds: [1, 6], mean: 3, deviation: Math.sqrt(14 / 3) },
  categorical_w_probabilities: {
    fields: { values: [1, 2, 6], probabilities: [0.5, 0.25, 0.25] },
    bounds: [1, 6],
    mean: 2.5,
    deviation: Math.sqrt(10.5 - 6.25),
  },
  int_uniform: { fields: { min: -3, max: 8 }, bounds: [-3, 8], step: 1, mean: 2.5, deviation: Math.sqrt(143 / 12) },
  uniform: { fields: { min: -1, max: 3 }, bounds: [-1, 3], mean: 1, deviation: 4 / Math.sqrt(12) },
  q_uniform: { fields: { min: 0, max: 2, q: 0.1 }, bounds: [0, 2], step: 0.1, mean: 1, deviation: 2 / Math.sqrt(12) },
  log_uniform: {
    fields: { min: -2, max: 1 },
    bounds: [Math.exp(-2), Math.E],
    mean: logUniformMean(Math.exp(-2), Math.E),
    deviation: logUniformDeviation(Math.exp(-2), Math.E),
  },
  log_uniform_values: {
    fields: { min: 0.01, max: 10 },
    bounds: [0.01, 10],
    mean: logUniformMean(0.01, 10),
    deviation: logUniformDeviation(0.01, 10),
  },
  q_log_uniform: {
    fields: { min: 3, max: 6, q: 1 },
    bounds: [20, 403],
    step: 1,
    mean: logUniformMean(Math.exp(3), Math.exp(6)),
    deviation: logUniformDeviation(Math.exp(3), Math.exp(6)),
  },
  q_log_uniform_values: {
    fields: { min: 32, max: 256, q: 8 },
    bounds: [32, 256],
    step: 8,
    mean: logUniformMean(32, 256),
    deviation: logUniformDeviation(32, 256),
  },
  inv_log_uniform: {
    fields: { min: -1, max: 2 },
    bounds: [Math.exp(-2), Math.E],
    mean: logUniformMean(Math.exp(-2), Math.E),
    deviation: logUniformDeviation(Math.exp(-2), Math.E),
  },
  inv_log_uniform_values: {
    fields: { min: 0.5, max: 8 },
    bounds: [0.5, 8],
    mean: logUniformMean(0.5, 8),
    deviation: logUniformDeviation(0.5, 8),
  },
  normal: { fields: { mu: 2, sigma: 3 }, bounds: [-30, 34], mean: 2, deviation: 3 },
  q_normal: { fields: { mu: 2, sigma: 3, q: 0.5 }, bounds: [-30, 34], step: 0.5, mean: 2, deviation: 3 },
  log_normal: {
    fields: { mu: 0, sigma: 0.5 },
    bounds: [0, 200],
    mean: Math.exp(0.125),
    deviation: Math.sqrt((Math.exp(0.25) - 1) * Math.exp(0.25)),
  },
  q_log_normal: {
    fields: { mu: 3, sigma: 0.5, q: 2 },
    bounds: [0, 2000],
    step: 2,
    mean: Math.exp(3.125),
    deviation: Math.sqrt((Math.exp(0.25) - 1) * Math.exp(6.25)),
  },
  beta: { fields: { a: 2, b: 5 }, bounds: [0, 1], mean: 2 / 7, deviation: Math.sqrt(10 / (49 * 8)) },
  q_beta: {
    fields: { a: 2, b: 5, q: 0.05 },
    bounds: [0, 1],
    step: 0.05,
    mean: 2 / 7,
    deviation: Math.sqrt(10 / (49 * 8)),
  },
}

for (const [name, { fields, bounds, step, mean, deviation }] of Object.entries(examples)) {
  const distribution: Distribution = distributions[name as DistributionName].make(fields as never)

  test(`${name} keeps its bounds and steps, rises, and finds the way back from a value`, () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (unit, other) => {
          const value = Number(distribution.quantile(unit))
          assert.ok(value >= bounds[0] && value <= bounds[1], `${value}`)
          if (step)
            assert.ok(Math.abs(value / step - Math.round(value / step)) < 1e-9, `${value} is no multiple of ${step}`)
          if (other > unit) assert.ok(Number(distribution.quantile(other)) >= value)
          const place = distribution.place(value)
          assert.ok(place >= 0 && place <= 1)
          // At the very end of the interval a double has too few digits left of 1 - unit to come back from.
          if (unit > 1 - 1e-6) return
          const back = Number(distribution.quantile(place))
          assert.ok(Math.abs(back - value) <= 1e-7 * Math.max(1, Math.abs(value)), `${value} came back as ${back}`)
        },
      ),
    )
  })

  test(`${name} has the mean and the standard deviation of its formula`, () => {
    const count = 20_000
    const stream = new Stream(11, 0, name)
    const values = Array.from({ length: count }, () => Number(distribution.quantile(stream.uniform())))
    const sampleMean = values.reduce((sum, value) => sum + value, 0) / count
    const sampleDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - sampleMean) ** 2, 0) / count)
    assert.ok(
      Math.abs(sampleMean - mean) <= (4.5 * deviation) / Math.sqrt(count) + (step ?? 0) * 0.02,
      `mean ${sampleMean}, not ${mean}`,
    )
    assert.ok(
      Math.abs(sampleDeviation - deviation) <= 0.05 * deviation,
      `deviation ${sampleDeviation}, not ${deviation}`,
    )
  })
}

test('log_uniform takes exponents, and the inverse forms draw what wandb draws', () => {
  const at = (name: DistributionName, fields: object, unit: number) =>
    Number((distributions[name].make(fields as never) as Distribution).quantile(unit))
  assert.ok(Math.abs(at('log_uniform', { min: -3, max: 1 }, 0.25) - Math.exp(-2)) < 1e-12)
  // wandb: exp(-(min + (1 - u)(max - min)))
  assert.ok(Math.abs(at('inv_log_uniform', { min: -3, max: 1 }, 0.25) - Math.exp(-(-3 + 0.75 * 4))) < 1e-12)
  assert.ok(Math.abs(at('inv_log_uniform_values', { min: 1, max: 16 }, 0.25) - 2) < 1e-12)
})

test('quantised values are what a person would write, and halves round to even as in NumPy', () => {
  const tenth = distributions.q_uniform.make({ min: 0, max: 1, q: 0.1 })
  for (let index = 0; index <= 10; index++) assert.equal(tenth.quantile(index / 10), index / 10)
  const twos = distributions.q_uniform.make({ min: 0, max: 8, q: 2 })
  assert.deepEqual(
    [1, 3, 5, 7].map((x) => twos.quantile(x / 8)),
    [0, 4, 4, 8],
  )
})

test('the grid of q_uniform stops before its maximum, as numpy.arange does', () => {
  const { grid } = distributions.q_uniform.make({ min: 0.1, max: 0.7, q: 0.2 }) as Distribution
  assert.deepEqual(
    Array.from({ length: grid!.size }, (_, index) => grid!.at(index)),
    [0.1, 0.3, 0.5],
  )
})

test('categories of any type find their place; a value of probability 0 is never drawn', () => {
  const values = [null, false, 0, '', { b: 1, a: [2] }, [1, 2]]
  const any = distributions.categorical.make({ values })
  for (const [index, value] of values.entries()) {
    assert.ok(Math.abs(any.place(value) - (index + 0.5) / 6) < 1e-12)
    assert.deepEqual(any.quantile(any.place(value)), value)
  }
  assert.equal(any.place({ a: [2], b: 1 }), any.place(values[4]))
  const never = distributions.categorical_w_probabilities.make({ values: ['a', 'b', 'c'], probabilities: [0, 1, 0] })
  for (const unit of [0, 0.3, 1]) assert.equal(never.quantile(unit), 'b')
})
