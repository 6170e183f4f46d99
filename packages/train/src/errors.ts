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
