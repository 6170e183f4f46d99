/** Numbers by name: `train/loss`, `validation/loss`, `validation/accuracy`, … */
export type Metrics = { [name: string]: number }

/** What is known of one epoch that is over. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  /** Steps taken since the beginning of the training. */
  readonly step: number
  /** The learning rate of the last step; of the first parameter group. */
  readonly learningRate: number
  /** Training and validation together, on the clock. */
  readonly seconds: number
  readonly metrics: Metrics
}
