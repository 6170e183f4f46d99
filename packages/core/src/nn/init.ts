import { ShapeError, TrainyardError } from '../errors.ts'
import { defaultGenerator, type Generator } from '../random/generator.ts'
import { activeTrace } from '../runtime/trace.ts'
import { fromArray } from '../tensor/create.ts'
import { formatShape, sizeOf } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Where an initialiser takes its random numbers from. */
export interface InitOptions {
  /** Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/** What the layer is followed by, and which variance is kept. */
export interface KaimingOptions extends InitOptions {
  /** Slope of the leaky ReLU that follows. Default 0. */
  readonly a?: number
  /** Whether variance is kept on the way forward ('fanIn', the default) or backward ('fanOut'). */
  readonly mode?: 'fanIn' | 'fanOut'
  /** What follows the layer. Default 'leakyRelu'. */
  readonly nonlinearity?: Nonlinearity
}

/** What follows a layer: decides the gain of He's initialisation. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

// Everything is computed in float64 by operations that every engine rounds alike, then rounded to float32 once: the
// same seed gives the same weights everywhere.

/** Sets every element to one value. */
export function constant(tensor: Tensor, value: number): Tensor {
  return fill(tensor, new Float32Array(tensor.size).fill(value))
}

/** Sets every element to 0. */
export function zeros(tensor: Tensor): Tensor {
  return constant(tensor, 0)
}

/** Sets every element to 1. */
export function ones(tensor: Tensor): Tensor {
  return constant(tensor, 1)
}

/** Uniform numbers from low to high, by default from 0 to 1. */
export function uniform(tensor: Tensor, low = 0, high = 1, { generator = defaultGenerator }: InitOptions = {}): Tensor {
  const elements = generator.uniform(tensor.size)
  for (let i = 0; i < elements.length; i++) elements[i] = low + (high - low) * elements[i]
  return fill(tensor, elements)
}

/** Normal numbers, by default of mean 0 and deviation 1. */
export function normal(
  tensor: Tensor,
  mean = 0,
  deviation = 1,
  { generator = defaultGenerator }: InitOptions = {},
): Tensor {
  const elements = generator.normal(tensor.size)
  for (let i = 0; i < elements.length; i++) elements[i] = mean + deviation * elements[i]
  return fill(tensor, elements)
}

/** Uniform numbers that keep the variance of activations and gradients (Glorot and Bengio, 2010). Default gain 1; see `gainOf`. */
export function xavierUniform(tensor: Tensor, gain = 1, options: InitOptions = {}): Tensor {
  const { fanIn, fanOut } = fans(tensor)
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut))
  return uniform(tensor, -bound, bound, options)
}

/** Normal numbers that keep the variance of activations and gradients (Glorot and Bengio, 2010). Default gain 1; see `gainOf`. */
export function xavierNormal(tensor: Tensor, gain = 1, options: InitOptions = {}): Tensor {
  const { fanIn, fanOut } = fans(tensor)
  return normal(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options)
}

/** Uniform numbers that keep the variance through rectifiers (He et al., 2015). */
export function kaimingUniform(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options)
  return uniform(tensor, -bound, bound, options)
}

/** Normal numbers that keep the variance through rectifiers (He et al., 2015). */
export function kaimingNormal(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  return normal(tensor, 0, kaimingDeviation(tensor, options), options)
}

function kaimingDeviation(tensor: Tensor, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions) {
  return gainOf(nonlinearity, a) / Math.sqrt(fans(tensor)[mode])
}

/** How much a nonlinearity shrinks, to be made up for. `a` is the slope of a leaky ReLU, default 0.01. */
export function gainOf(nonlinearity: Nonlinearity, a = 0.01): number {
  const gains: Record<Nonlinearity, number> = {
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.sqrt(2),
    leakyRelu: Math.sqrt(2 / (1 + a * a)),
    selu: 3 / 4,
  }
  const gain = gains[nonlinearity]
  if (gain === undefined) {
    throw new TrainyardError(`init: unknown nonlinearity "${nonlinearity}"; there is ${Object.keys(gains).join(', ')}`)
  }
  return gain
}

/** How many inputs an output of this weight has, and how many outputs an input. */
export function fans(tensor: Tensor): { fanIn: number; fanOut: number } {
  if (tensor.ndim < 2) {
    throw new ShapeError(
      `init: fan-in and fan-out need a weight of at least two axes, got ${formatShape(tensor.shape)}`,
    )
  }
  const [out, into, ...window] = tensor.shape
  return { fanIn: into * sizeOf(window), fanOut: out * sizeOf(window) }
}

function fill(tensor: Tensor, elements: Float32Array): Tensor {
  if (activeTrace() || !tensor.isRealized) return tensor.assign(fromArray(elements, tensor.shape))
  tensor.keepForReaders()
  tensor.storage.write(elements)
  return tensor
}
