import type { Callback } from './callback.ts'

/** What training logs to. The tracker's run is one; so is `{ log: console.log }`. */
export interface Logger {
  log(values: { [name: string]: unknown }, options?: { step?: number }): void
}

export interface LoggingOptions {
  /** Steps between two rows of a batch's values. Default 1. */
  readonly every?: number
}

/**
 * Logs loss, learning rate and throughput of batches under `batch/…`, and the metrics of each epoch under `train/…` and
 * `validation/…`.
 */
export function logging(logger: Logger, { every = 1 }: LoggingOptions = {}): Callback {
  return {
    onStep({ step, batchLoss, learningRate, samples, seconds, gradientNorm }) {
      if (step % every !== 0) return
      const values: { [name: string]: number } = { 'batch/loss': batchLoss, 'batch/learningRate': learningRate }
      if (seconds > 0) values['batch/samplesPerSecond'] = samples / seconds
      if (!Number.isNaN(gradientNorm)) values['batch/gradientNorm'] = gradientNorm
      logger.log(values, { step })
    },
    onEpochEnd({ step, history }) {
      const { epoch, metrics, learningRate, seconds } = history.at(-1)!
      logger.log({ epoch, ...metrics, learningRate, epochSeconds: seconds }, { step })
    },
  }
}
