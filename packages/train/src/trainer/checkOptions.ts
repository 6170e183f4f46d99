import { TrainyardError } from '@trainyard/core'
import type { TrainerOptions } from './options.ts'

/** Refuses options that would fail only later, or silently do nothing. */
export function checkOptions({ model, optimizer, accumulate = 1, callbacks = [] }: TrainerOptions): void {
  if (!Number.isInteger(accumulate) || accumulate < 1) {
    throw new TrainyardError(`Trainer: accumulate must be a whole number of at least 1, got ${accumulate}`)
  }
  const trained = new Set(optimizer.paramGroups.flatMap(({ params }) => params))
  if (!model.parameters().some((parameter) => trained.has(parameter))) {
    throw new TrainyardError(
      "Trainer: the optimizer holds none of the model's parameters; make it from model.parameters() of this very model",
    )
  }
  const names = callbacks.filter(({ stateDict }) => stateDict).map(({ name }) => name)
  if (names.includes(undefined) || new Set(names).size < names.length) {
    throw new TrainyardError('Trainer: every callback with a stateDict needs a name of its own')
  }
}
