import { TrainyardError } from '../errors.ts'
import { makeLeaf } from '../graph/node.ts'
import { registry } from '../ops/registry.ts'
import { activeTrace } from '../runtime/trace.ts'
import { fromArray } from '../tensor/create.ts'
import { checkShape, type Shape } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { defaultGenerator, type Generator } from './generator.ts'

export interface RandomOptions {
  /** Where the numbers come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/**
 * Uniform numbers in [0, 1). Inside `compile` every run draws new ones.
 *
 * @example
 * ```ts
 * manualSeed(1)
 * const x = rand([2, 3])
 * ```
 */
export function rand(shape: Shape, { generator = defaultGenerator }: RandomOptions = {}): Tensor {
  checkShape(shape, 'rand')
  const trace = activeTrace()
  const { words, stream } = trace
    ? trace.draw(generator)
    : { words: fromArray(Int32Array.from(generator.advance(1)), [3], { dtype: 'int32' }).node, stream: 0 }
  return new Tensor(makeLeaf(registry.random, { stream }, shape, 'float32', false, [words]))
}

/** Normal numbers of mean 0 and deviation 1 (Box and Muller, 1958). */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  // 1 − u lies in (0, 1]: the logarithm is finite.
  const radius = rand(shape, options).neg().add(1).log().mul(-2).sqrt()
  return radius.mul(
    rand(shape, options)
      .mul(2 * Math.PI)
      .cos(),
  )
}

/** Integers from `low` to `high`, the latter not included. int32. */
export function randint(low: number, high: number, shape: Shape, options: RandomOptions = {}): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high) {
    throw new TrainyardError(`randint: wants integers, the first below the second, got ${low} and ${high}`)
  }
  return rand(shape, options)
    .mul(high - low)
    .floor()
    .add(low)
    .cast('int32')
}

/** Ones with probability p, zeros otherwise. */
export function bernoulli(p: number, shape: Shape, options: RandomOptions = {}): Tensor {
  if (!(p >= 0 && p <= 1)) throw new TrainyardError(`bernoulli: p must be a probability from 0 to 1, got ${p}`)
  return rand(shape, options).lt(p).cast('float32')
}
