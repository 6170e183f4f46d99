import { defaultGenerator, type Generator, io, TrainyardError } from '@trainyard/core'
import { type Batches, isResumable } from '../batches.ts'
import type { Callback } from '../callbacks/callback.ts'
import type { TrainerOptions } from './options.ts'
import { checkProgress, type ProgressState } from './progressState.ts'

/** All that a training consists of. */
export interface TrainingParts {
  readonly options: TrainerOptions
  readonly callbacks: readonly Callback[]
  readonly progress: ProgressState
  /** What is being trained on, once that is known. */
  readonly batches: Batches<unknown> | null
}

/** What stands in a checkpoint beside what core saves. */
interface Saved {
  readonly trainer: ProgressState
  readonly callbacks: { readonly [name: string]: { [key: string]: unknown } }
  readonly batches: unknown
}

function coreParts({ options }: TrainingParts): io.CheckpointParts {
  const { model, optimizer, schedule, generators = {} } = options
  const all: { [name: string]: Generator } = { default: defaultGenerator, ...generators }
  return { model, optimizer, ...(schedule ? { schedule } : {}), generators: all }
}

/** Saves everything that it takes to continue; the file is replaced whole or not at all. */
export async function saveTraining(file: string, parts: TrainingParts): Promise<void> {
  const { callbacks, progress, batches } = parts
  const states = callbacks.flatMap((callback) => (callback.stateDict ? [[callback.name!, callback.stateDict()]] : []))
  const saved: Saved = {
    trainer: progress,
    callbacks: Object.fromEntries(states),
    batches: batches && isResumable(batches) ? batches.stateDict() : null,
  }
  await io.saveCheckpoint(file, coreParts(parts), { ...saved })
}

/** Takes over what was saved and answers where the training stood. Where anything does not fit, nothing is changed. */
export async function restoreTraining(file: string, parts: TrainingParts): Promise<ProgressState> {
  const { callbacks, batches } = parts
  const checkpoint = await io.readCheckpoint(file)
  const saved = checkpoint.progress as Partial<Saved>
  const progress = checkProgress(saved.trainer, file)
  const position = saved.batches
  if (batches && isResumable(batches) && position === null && progress.batch > 0) {
    throw new TrainyardError(`Trainer: ${file} was saved in the middle of an epoch of batches that have no state`)
  }
  io.restoreCheckpoint(checkpoint, coreParts(parts), file)
  if (batches && isResumable(batches) && position !== null) batches.loadStateDict(position as never)
  for (const callback of callbacks) {
    const state = callback.name === undefined ? undefined : saved.callbacks?.[callback.name]
    if (state) callback.loadStateDict?.(state)
  }
  return progress
}
