import { nn, noGrad } from '@trainyard/core'
import type { Parts } from '../batches.ts'
import { type Loss, lossOf, outputOf } from './objective.ts'

/** Where a loss went wrong. */
export interface Explanation {
  /** The key of the layer, parameter or buffer; null where none is at fault. */
  readonly layer: string | null
  readonly text: string
}

/** Squares of what is larger come near the end of float32's range. */
const TOO_LARGE = 1e15

/** Finds out why the loss of a batch is not finite, by running it once more with the same weights, layer by layer. */
export async function explainLoss(model: nn.AnyModule, loss: Loss, { inputs, targets }: Parts): Promise<Explanation> {
  for (const [name, tensors] of [['input', inputs] as const, ['target', targets] as const]) {
    for (const tensor of tensors) {
      if (tensor.dtype !== 'float32') continue
      const bad = (await tensor.data()).findIndex((element) => !Number.isFinite(element))
      if (bad < 0) continue
      const sample = Math.floor(bad / (tensor.size / tensor.shape[0]))
      return { layer: null, text: `the batch's ${name} is not finite (sample ${sample}); check the data` }
    }
  }
  const fault = await nn.findNonFinite(model, () => lossOf(loss, outputOf(model, { inputs }), targets))
  if (fault && fault.where !== 'loss') return { layer: fault.key, text: fault.message }
  const output = model.inMode(false, () => noGrad(() => outputOf(model, { inputs })))
  const largest = await output.abs().max().item()
  if (largest > TOO_LARGE) {
    const text = `the model's output reaches ${largest.toExponential(1)}, too much for the loss; lower the learning rate or clip gradients`
    return { layer: null, text }
  }
  return { layer: null, text: fault?.message ?? 'it cannot be repeated: something in the model is random' }
}
