import { augment } from '../augment/augment.ts'
import type { Augmentation } from '../augment/augmentation.ts'
import { DataError, reason } from '../errors.ts'
import type { Sample } from './sample.ts'
import { readSource, type SampleSource, sourceInfo } from './source.ts'

/** What stays the same for all samples of a loader. */
export interface LoadSettings {
  source: SampleSource
  augmentations: readonly Augmentation[]
  seed: number
}

/** Which sample of the source, at which place of the set, for which epoch. Augmentation is drawn from the last two. */
export interface LoadJob {
  index: number
  place: number
  epoch: number
}

/**
 * Reads a sample and augments it. The same on every thread; errors that do not name the sample yet are made to.
 */
export async function loadSample(
  { source, augmentations, seed }: LoadSettings,
  { index, place, epoch }: LoadJob,
): Promise<Sample> {
  try {
    const sample = await readSource(source, index)
    return { ...sample, ...augment(sample, augmentations, { seed, epoch, index: place }) }
  } catch (thrown) {
    if (thrown instanceof DataError) throw thrown
    const { name } = sourceInfo(source, index)
    throw new DataError(`${name}: ${reason(thrown)}`, { file: name, cause: thrown })
  }
}
