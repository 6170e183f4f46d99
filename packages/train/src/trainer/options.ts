import type { Generator, nn, optim } from '@trainyard/core'
import type { Batches, Parts } from '../batches.ts'
import type { Callback } from '../callbacks/callback.ts'
import type { CheckpointOptions } from '../callbacks/checkpoints.ts'
import type { EarlyStoppingOptions } from '../callbacks/earlyStopping.ts'
import type { Logger, LoggingOptions } from '../callbacks/logging.ts'
import type { ProgressOptions } from '../callbacks/progress.ts'
import type { EpochRecord } from '../history.ts'
import type { Loss, Metric } from './objective.ts'

/** What is trained, by what, and what happens along with it. Model, optimizer and loss are needed, nothing else. */
export interface TrainerOptions {
  readonly model: nn.AnyModule
  readonly optimizer: optim.AnyOptimizer
  /** Compares outputs with targets. */
  readonly loss: Loss
  /** Numbers to be known of validation and evaluation, by name. */
  readonly metrics?: { readonly [name: string]: Metric }
  /** Changes the learning rate. */
  readonly schedule?: optim.Schedule | optim.ReduceLROnPlateau
  /** When the schedule moves on. Default: `step` for `OneCycleLR`, else `epoch`. */
  readonly scheduleEvery?: 'epoch' | 'step'
  /** Gradients whose common norm is larger are shortened to it. */
  readonly clipGradNorm?: number
  /** Elements of gradients are limited to ± this. */
  readonly clipGradValue?: number
  /** Batches whose gradients are added up for one update. Default 1. */
  readonly accumulate?: number
  /**
   * Whether the running statistics of batch norms are computed anew, from at most so many batches of training data
   * (default 200), before each validation and saving. Default true; switch it off where trained statistics are to be kept.
   */
  readonly preciseBatchNorm?: boolean | { readonly batches: number }
  /** Takes a batch apart. Default: a list whose first tensor is the input and whose others are targets. */
  readonly unpack?: (batch: never) => Parts
  /** Shows how far it is. Default true. */
  readonly progress?: boolean | ProgressOptions
  /** Where metrics are logged: a run of the tracker, or anything with `log`. */
  readonly logger?: Logger
  /** How often the logger gets a batch's values. Default: every step. */
  readonly logging?: LoggingOptions
  /** Keeps the latest and the best state in a folder. */
  readonly checkpoints?: CheckpointOptions
  /** Ends the training when there is no progress. */
  readonly earlyStopping?: EarlyStoppingOptions
  /** What else happens along with the training, before logging, progress and checkpoints. */
  readonly callbacks?: readonly Callback[]
  /** Sources of random numbers that belong to the training, beside the default one, by name. */
  readonly generators?: { readonly [name: string]: Generator }
}

/** How far to train, what to measure on, and from where to continue. */
export interface FitOptions<Batch> {
  /** The epoch to train up to, counted from the very beginning: after 5 of 10 epochs a resumed training makes 5 more. */
  readonly epochs: number
  /** Measured after every epoch, in evaluation mode. */
  readonly validation?: Batches<Batch>
  /** Epochs between two validations; the last epoch is always validated. Default 1. */
  readonly validateEvery?: number
  /** A file to continue from; true for the newest sound one in the checkpoint folder, or from the beginning where there is none. */
  readonly resume?: string | boolean
  /** Ends the training after the running step when it aborts. */
  readonly signal?: AbortSignal
  /** How to continue, said after an interruption. */
  readonly resumeHint?: string
}

/** What a training has come to. */
export interface FitResult {
  readonly history: readonly EpochRecord[]
  /** Epochs that are complete. */
  readonly epochs: number
  /** Steps taken, since the very beginning. */
  readonly steps: number
  /** Why it ended before its time: `interrupted`, or what a callback said; null where it did not. */
  readonly stopped: string | null
  /** Of this session, on the clock. */
  readonly seconds: number
}
