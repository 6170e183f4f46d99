import { renameIfThere } from '../trainer/files.ts'
import type { Trainer } from '../trainer/trainer.ts'
import type { Callback } from './callback.ts'
import { type Watched, watchedValue } from './watch.ts'

/** Where states are kept, how often, and what makes one the best. */
export interface CheckpointOptions extends Watched {
  /** Where `latest.safetensors`, the one before it (`previous`) and `best` are kept. Made where it is missing. */
  readonly folder: string
  /** Epochs between two savings of `latest`. Default 1. */
  readonly every?: number
  /** Whether the epoch with the best value of the metric is kept as well. Default true. */
  readonly best?: boolean
}

/** The file of the newest state in a folder of checkpoints. */
export const latestIn = (folder: string) => `${folder}/latest.safetensors`

/** The file of the state before the newest, for when that one is damaged. */
export const previousIn = (folder: string) => `${folder}/previous.safetensors`

/** The file of the best state in a folder of checkpoints. */
export const bestIn = (folder: string) => `${folder}/best.safetensors`

/** Saves the training after epochs: the latest state, and the best by a metric. Files are replaced whole or not at all. */
export function checkpoints({ folder, every = 1, best: keepBest = true, ...watched }: CheckpointOptions): Callback {
  let best = Number.POSITIVE_INFINITY
  return {
    name: 'checkpoints',
    async onEpochEnd({ trainer, history, epoch, epochs }) {
      const record = history.at(-1)!
      // The best value goes into both files, so that a resumed training does not overwrite a better state.
      const value = keepBest ? watchedValue(watched, record) : Number.POSITIVE_INFINITY
      const improved = value < best
      if (improved) best = value
      // Killed between the two, a training repeats the epoch from an older `latest` and finds it the best again.
      if (improved) await trainer.save(bestIn(folder))
      if (epoch % every === 0 || epoch === epochs) await saveLatest(trainer, folder)
    },
    stateDict: () => ({ best: Number.isFinite(best) ? best : null }),
    loadStateDict(state) {
      best = (state.best as number | null) ?? Number.POSITIVE_INFINITY
    },
  }
}

/** The newest becomes the one before it; where the disk is full it stays the newest. */
async function saveLatest(trainer: Trainer, folder: string): Promise<void> {
  renameIfThere(latestIn(folder), previousIn(folder))
  try {
    await trainer.save(latestIn(folder))
  } catch (error) {
    renameIfThere(previousIn(folder), latestIn(folder))
    throw error
  }
}
