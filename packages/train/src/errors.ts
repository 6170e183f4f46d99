import { TrainyardError } from '@trainyard/core'

/** A loss that is not a finite number. The step that gave it has not changed the weights. */
export class NonFiniteLossError extends TrainyardError {
  override name = 'NonFiniteLossError'
  /** The loss: NaN or an infinity. */
  readonly loss: number
  /** Counted from 1 over the whole training. */
  readonly step: number
  /** Counted from 1. */
  readonly epoch: number
  /** The key of the layer, where one was found. */
  readonly layer: string | null

  constructor(parts: { loss: number; step: number; epoch: number; layer: string | null; cause: string }) {
    super(`training: the loss is ${parts.loss} at step ${parts.step} (epoch ${parts.epoch}): ${parts.cause}`)
    this.loss = parts.loss
    this.step = parts.step
    this.epoch = parts.epoch
    this.layer = parts.layer
  }
}

/** A checkpoint that could not be written, to a full disk for instance. Those written before are as they were. */
export class CheckpointError extends TrainyardError {
  override name = 'CheckpointError'

  /**
   * @param kept The newest checkpoint there is; null where there is none.
   * @param resume How a person continues the training.
   */
  constructor(failure: Error, kept: string | null, resume: string) {
    const remedy = /ENOSPC|EDQUOT/.test(failure.message) ? 'make room on the disk' : 'let it be written there'
    const state = kept === null ? 'there is none before it' : `${kept} is as it was`
    const advice = kept === null ? 'begin anew' : `continue with ${resume}`
    super(`${failure.message}; ${state}; ${remedy}, then ${advice}`, { cause: failure })
  }
}
