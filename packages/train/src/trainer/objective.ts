import { type nn, Tensor, TrainyardError } from '@trainyard/core'
import type { Parts } from '../batches.ts'

/** Compares a model's output with targets: a function, or a module such as `new nn.NLLLoss()`. The answer is one number. */
export type Loss = ((output: Tensor, ...targets: Tensor[]) => Tensor) | nn.Module<[output: Tensor, target: Tensor]>

/**
 * A number that says how good outputs are.
 *
 * A function gives the mean over a batch's samples. Where the mean of means is not what is wanted (F1, IoU), `counts` gives
 * numbers that are summed over all batches, and `value` makes the metric of the sums.
 */
export type Metric =
  | ((output: Tensor, ...targets: Tensor[]) => Tensor)
  | {
      counts(output: Tensor, ...targets: Tensor[]): Tensor
      value(sums: readonly number[]): number
    }

/** The loss of an output; checked to be one number. */
export function lossOf(loss: Loss, output: Tensor, targets: readonly Tensor[]): Tensor {
  const value = typeof loss === 'function' ? loss(output, ...targets) : loss.forward(output, targets[0])
  if (!(value instanceof Tensor)) {
    throw new TrainyardError(`Trainer: the loss must be a tensor of one number, got ${typeof value}`)
  }
  if (value.size !== 1) {
    throw new TrainyardError(
      `Trainer: the loss must be one number, got shape [${value.shape.join(', ')}]; reduce it with mean() or sum()`,
    )
  }
  return value.reshape([])
}

/** What the model makes of the inputs. */
export function outputOf(model: nn.AnyModule, { inputs }: Pick<Parts, 'inputs'>): Tensor {
  return (model as nn.Module<Tensor[]>).forward(...inputs)
}

/** Number of samples in a batch: the size of the first axis of the first input. */
export function samplesOf({ inputs }: Parts): number {
  const size = inputs[0]?.shape[0]
  if (size === undefined) {
    throw new TrainyardError('Trainer: a batch has no input with a first axis to count samples by; check `unpack`')
  }
  return size
}
