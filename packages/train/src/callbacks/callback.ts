import type { EpochRecord } from '../history.ts'
import type { Trainer } from '../trainer/trainer.ts'

/** Where a training stands. One object that changes as it goes on. */
export interface FitContext {
  readonly trainer: Trainer
  /** The running epoch, counted from 1. */
  readonly epoch: number
  /** The last epoch of this training. */
  readonly epochs: number
  /** Steps taken since the beginning; after a resume, since the first beginning. */
  readonly step: number
  /** Batches of this epoch that are done. */
  readonly batch: number
  /** Batches an epoch, where that is known. */
  readonly batches: number | undefined
  /** Samples of this epoch that are done. */
  readonly samples: number
  /** Loss of the last batch. */
  readonly batchLoss: number
  /** Mean loss of the samples of this epoch so far. */
  readonly loss: number
  readonly learningRate: number
  /** Norm of the last gradient, before clipping; NaN where nothing is clipped. */
  readonly gradientNorm: number
  /** Since the epoch began. */
  readonly seconds: number
  /** The epochs that are over, of earlier sessions too. */
  readonly history: readonly EpochRecord[]
  /** Ends the training after this step (from `onStep`) or this epoch; `fit` answers with the reason. */
  stop(reason: string): void
}

/**
 * Something that happens along with a training. All methods are optional; those that return a promise are waited for.
 *
 * @example
 * ```ts
 * const shout: Callback = { onEpochEnd: ({ epoch, loss }) => console.log(epoch, loss) }
 * ```
 */
export interface Callback {
  /** Under which its state is saved; needed where there is one. */
  readonly name?: string
  /** Before the first epoch of this session; a resumed one too. */
  onFitStart?(context: FitContext): void | Promise<void>
  /** Before the first batch of an epoch. */
  onEpochStart?(context: FitContext): void | Promise<void>
  /** After every batch. Must be quick. */
  onStep?(context: FitContext): void | Promise<void>
  /** After validation; the record of this epoch is the last of the history. */
  onEpochEnd?(context: FitContext): void | Promise<void>
  /** Whatever happened, errors included. */
  onFitEnd?(context: FitContext): void | Promise<void>
  /** What has to be saved to continue later, as JSON. */
  stateDict?(): { [key: string]: unknown }
  /** Takes over what `stateDict` gave. */
  loadStateDict?(state: { [key: string]: unknown }): void
}

type Event = 'onFitStart' | 'onEpochStart' | 'onStep' | 'onEpochEnd' | 'onFitEnd'

/** Calls a method of all callbacks, in order. Gives a promise only where one of them does. */
export function callAll(callbacks: readonly Callback[], event: Event, context: FitContext): void | Promise<void> {
  for (let i = 0; i < callbacks.length; i++) {
    const waiting = callbacks[i][event]?.(context)
    if (waiting) return waiting.then(() => callAll(callbacks.slice(i + 1), event, context))
  }
}
