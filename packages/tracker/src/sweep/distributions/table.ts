import { beta, logNormal, logUniform, logUniformValues, normal, uniform } from './continuous.ts'
import { categorical, constant, intUniform } from './discrete.ts'
import type { Distribution, Value } from './distribution.ts'
import { quantised, quantisedUniform } from './quantised.ts'

/** What a key of a distribution may hold. */
export type FieldKind = 'any' | 'list' | 'weights' | 'number' | 'whole' | 'positive' | 'notNegative'

export interface Field {
  readonly kind: FieldKind
  /** Used when the key is left out; a key without a default is required. */
  readonly default?: number
}

/** One distribution: which keys it takes, and how to make it of them. */
export interface DistributionRow {
  readonly fields: Readonly<Record<string, Field>>
  // biome-ignore lint/suspicious/noExplicitAny: the fields have been checked against the row above before this is called
  readonly make: (fields: any) => Distribution
}

const value: Field = { kind: 'any' }
const values: Field = { kind: 'list' }
const bounds = { min: { kind: 'number' }, max: { kind: 'number' } } as const
const positiveBounds = { min: { kind: 'positive' }, max: { kind: 'number' } } as const
const gauss = { mu: { kind: 'number', default: 0 }, sigma: { kind: 'notNegative', default: 1 } } as const
const shapes = { a: { kind: 'positive', default: 1 }, b: { kind: 'positive', default: 1 } } as const
const q: Field = { kind: 'positive', default: 1 }

type Bounds = { min: number; max: number; q: number }
type Gauss = { mu: number; sigma: number; q: number }
type Shapes = { a: number; b: number; q: number }

/**
 * All distributions of wandb's sweep schema, by their names there. `log_uniform`, `q_log_uniform` and `inv_log_uniform` take
 * exponents of e as bounds; the forms that end in `_values` take the values themselves. The inverse forms ask that log(1/x)
 * is uniform, which makes log(x) uniform too, between the negated bounds.
 */
export const distributions = {
  constant: { fields: { value }, make: (f: { value: Value }) => constant(f.value) },
  categorical: { fields: { values }, make: (f: { values: Value[] }) => categorical(f.values) },
  categorical_w_probabilities: {
    fields: { values, probabilities: { kind: 'weights' } },
    make: (f: { values: Value[]; probabilities: number[] }) => categorical(f.values, f.probabilities),
  },
  int_uniform: {
    fields: { min: { kind: 'whole' }, max: { kind: 'whole' } },
    make: (f: Bounds) => intUniform(f.min, f.max),
  },
  uniform: { fields: bounds, make: (f: Bounds) => uniform(f.min, f.max) },
  q_uniform: {
    fields: { ...bounds, q },
    make: (f: Bounds) => quantisedUniform(uniform(f.min, f.max), f.min, f.max, f.q),
  },
  log_uniform: { fields: bounds, make: (f: Bounds) => logUniform(f.min, f.max) },
  log_uniform_values: { fields: positiveBounds, make: (f: Bounds) => logUniformValues(f.min, f.max) },
  q_log_uniform: { fields: { ...bounds, q }, make: (f: Bounds) => quantised(logUniform(f.min, f.max), f.q) },
  q_log_uniform_values: {
    fields: { ...positiveBounds, q },
    make: (f: Bounds) => quantised(logUniformValues(f.min, f.max), f.q),
  },
  inv_log_uniform: { fields: bounds, make: (f: Bounds) => logUniform(-f.max, -f.min) },
  inv_log_uniform_values: { fields: positiveBounds, make: (f: Bounds) => logUniformValues(f.min, f.max) },
  normal: { fields: gauss, make: (f: Gauss) => normal(f.mu, f.sigma) },
  q_normal: { fields: { ...gauss, q }, make: (f: Gauss) => quantised(normal(f.mu, f.sigma), f.q) },
  log_normal: { fields: gauss, make: (f: Gauss) => logNormal(f.mu, f.sigma) },
  q_log_normal: { fields: { ...gauss, q }, make: (f: Gauss) => quantised(logNormal(f.mu, f.sigma), f.q) },
  beta: { fields: shapes, make: (f: Shapes) => beta(f.a, f.b) },
  q_beta: { fields: { ...shapes, q }, make: (f: Shapes) => quantised(beta(f.a, f.b), f.q) },
} as const satisfies Record<string, DistributionRow>

export type DistributionName = keyof typeof distributions
