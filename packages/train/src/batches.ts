import type { Tensor } from '@trainyard/core'

/**
 * What training and evaluation go through, once an epoch: core's `DataLoader`, a list of batches, or anything that yields
 * them. `length` is the number of batches, if it is known.
 */
export type Batches<Batch> = (AsyncIterable<Batch> | Iterable<Batch>) & { readonly length?: number }

/** Batches whose order can be saved and continued, in the middle of an epoch too. */
export type ResumableBatches<Batch> = Batches<Batch> & {
  stateDict(): unknown
  loadStateDict(state: never): void
}

/** A batch taken apart: what the model is given and what the loss compares its output with. */
export interface Parts {
  readonly inputs: readonly Tensor[]
  readonly targets: readonly Tensor[]
}

/** Takes a list of tensors apart: the first is the input, the others are targets. */
export function firstIsInput(batch: unknown): Parts {
  if (!Array.isArray(batch)) {
    throw new TypeError('Trainer: a batch is a list [input, target, …]; for another kind of batch give `unpack`')
  }
  return { inputs: batch.slice(0, 1), targets: batch.slice(1) }
}

export function isResumable<Batch>(batches: Batches<Batch>): batches is ResumableBatches<Batch> {
  return 'stateDict' in batches && 'loadStateDict' in batches
}
