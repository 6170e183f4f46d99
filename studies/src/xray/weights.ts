import { FormatError, io } from '@trainyard/core'
import type { Callback } from '@trainyard/train'
import { type SegmentationObjective, segmentationObjective } from '@trainyard/vision'
import { type FilmUnet, filmUnet } from './model.ts'
import type { XraySettings } from './settings.ts'

const NAME = 'xray'

interface Kept {
  readonly seed: number
  readonly settings: XraySettings
}

/** Has the settings kept with every checkpoint, so that its weights can be used without being told anything. */
export function settingsCallback(settings: XraySettings, seed: number): Callback {
  const kept: Kept = { seed, settings }
  return { name: NAME, stateDict: () => ({ ...kept }), loadStateDict: () => {} }
}

/** A trained network out of a checkpoint, and how to use it. */
export interface TrainedWeights extends Kept {
  readonly model: FilmUnet
  readonly objective: SegmentationObjective
  readonly epoch: number
}

/**
 * Reads a network that the study has trained.
 *
 * @throws `FormatError` or `FileError` naming the file: missing, damaged, or no checkpoint of this study.
 */
export async function readTrained(file: string): Promise<TrainedWeights> {
  const checkpoint = await io.readCheckpoint(file)
  const { trainer, callbacks } = checkpoint.progress as {
    trainer?: { epoch: number }
    callbacks?: { [NAME]?: Kept }
  }
  const kept = callbacks?.[NAME]
  if (!trainer || !kept)
    throw new FormatError(
      `${file}: is a checkpoint, but not of the study xray; give latest.safetensors or best.safetensors of one of its trainings`,
    )
  const model = filmUnet(kept.settings)
  io.restoreCheckpoint(checkpoint, { model }, file)
  model.eval()
  return { ...kept, model, objective: segmentationObjective(kept.settings.loss), epoch: trainer.epoch }
}
