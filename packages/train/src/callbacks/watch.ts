import { TrainyardError } from '@trainyard/core'
import type { EpochRecord } from '../history.ts'

/** A metric to be watched, and which way is better. */
export interface Watched {
  /** Default `validation/loss`, or `train/loss` where nothing is validated. */
  readonly metric?: string
  /** Default: `min` for names that end in `loss` or `error`, else `max`. */
  readonly mode?: 'min' | 'max'
}

/** The metric's value in an epoch, with the sign turned so that less is better. */
export function watchedValue({ metric, mode }: Watched, { metrics, epoch }: EpochRecord): number {
  const name = metric ?? ('validation/loss' in metrics ? 'validation/loss' : 'train/loss')
  const value = metrics[name]
  if (value === undefined) {
    throw new TrainyardError(
      `Trainer: there is no metric "${name}" in epoch ${epoch} to be watched; there is ${Object.keys(metrics).join(', ')}`,
    )
  }
  const lessIsBetter = (mode ?? (/(loss|error)$/i.test(name) ? 'min' : 'max')) === 'min'
  return lessIsBetter ? value : -value
}
