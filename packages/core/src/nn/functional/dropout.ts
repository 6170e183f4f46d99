import { TrainyardError } from '../../errors.ts'
import type { Generator } from '../../random/generator.ts'
import { rand } from '../../random/random.ts'
import type { Shape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { checkImages } from './convolution.ts'

/** Whether anything is dropped, and by which random numbers. */
export interface DropoutOptions {
  /** Whether elements are dropped at all. Default true. */
  readonly training?: boolean
  /** Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/** Sets elements to 0 with probability p (default 0.5) and enlarges the others by 1 / (1 − p) (Srivastava et al., 2014). */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return drop(x, x.shape, p, options)
}

/** Sets whole channels of images [N, C, H, W] to 0 with probability p (default 0.5), and enlarges the others. */
export function dropout2d(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkImages('dropout2d', x)
  return drop(x, [x.shape[0], x.shape[1], 1, 1], p, options)
}

/** Checks a probability. */
export function checkProbability(p: number, name: string): number {
  if (!(p >= 0 && p <= 1)) throw new TrainyardError(`${name}: p must be a probability from 0 to 1, got ${p}`)
  return p
}

function drop(x: Tensor, maskShape: Shape, p: number, { training = true, generator }: DropoutOptions): Tensor {
  checkProbability(p, 'dropout')
  if (!training || p === 0) return x
  if (p === 1) return x.mul(0)
  const kept = rand(maskShape, { generator }).ge(p)
  return kept.where(x.mul(1 / (1 - p)), 0)
}
