import type { Callback } from './callback.ts'

/** What training logs to. The tracker's run is one; so is `{ log: console.log }`. */
export interface Logger {
  /** Takes numbers by name, at a step. Must be quick and not throw. */
  log(values: { [name: string]: unknown }, options?: { step?: number }): void
}

/** How often batches are logged. */
export interface LoggingOptions {
  /** Steps between two rows of a batch's values. Default 1. */
  readonly every?: number
}

/**
 * Logs loss, learning rate and throughput of batches under `batch/…`, and the metrics of each epoch under `train/…` and
 * `validation/…`.
 */
export function logging(logger: Logger, { every = 1 }: LoggingOptions = {}): Callback {
  /** Where the epoch stood at the row before: throughput is that of the batches since. */
  let before = { samples: 0, seconds: 0 }
  return {
    onEpochStart() {
      before = { samples: 0, seconds: 0 }
    },
    onStep({ step, batchLoss, learningRate, samples, seconds, gradientNorm }) {
      if (step % every !== 0) return
      const values: { [name: string]: number } = { 'batch/loss': batchLoss, 'batch/learningRate': learningRate }
      const passed = seconds - before.seconds
      if (passed > 0) values['batch/samplesPerSecond'] = (samples - before.samples) / passed
      if (!Number.isNaN(gradientNorm)) values['batch/gradientNorm'] = gradientNorm
      before = { samples, seconds }
      logger.log(values, { step })
    },
    onEpochEnd({ step, history }) {
      const { epoch, metrics, seconds } = history.at(-1)!
      logger.log({ epoch, ...metrics, 'train/seconds': seconds }, { step })
    },
  }
}
