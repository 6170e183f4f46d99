import { DataError } from '../errors.ts'
import { type ContrastStretch, stretchContrast } from '../image/contrast.ts'
import { decodeImage } from '../image/decode.ts'
import { type Fit, fitTo } from '../image/fit.ts'
import { readBytes } from '../platform/files.ts'
import type { ManifestRow } from './manifest.ts'
import { binariseMask } from './mask.ts'
import type { Sample, SampleInfo } from './sample.ts'

/** A picture and its mask as files. */
export interface FileSample extends SampleInfo {
  image: string
  mask: string
  /** Its row in the manifest by column, where there is one. */
  columns?: ManifestRow
}

/** How pictures are brought to the size and form that a network takes. */
export interface ReadOptions {
  width: number
  height: number
  /** 1: grey (default), 3: colour. */
  channels?: 1 | 3
  /** Keep the proportions and pad with black (default), or stretch. */
  fit?: Fit
  /** Stretch the contrast of each picture; off by default. */
  contrast?: ContrastStretch
  /** Where a mask that is not binary is cut. Without it such a mask is an error. */
  maskThreshold?: number
}

/**
 * Reads and decodes one picture and its mask, at the wanted size: the picture by area where it shrinks and bilinear where it
 * grows, the mask by nearest.
 *
 * @throws `DataError` naming the file: unreadable, not binary, or a mask whose proportions are not its picture's.
 */
export async function readFileSample(sample: FileSample, options: ReadOptions): Promise<Sample> {
  const { width, height, fit, contrast, maskThreshold } = options
  const image = decodeImage(await readBytes(sample.image), sample.image, { channels: options.channels ?? 1 })
  const mask = binariseMask(
    decodeImage(await readBytes(sample.mask), sample.mask, { channels: 1 }),
    sample.mask,
    maskThreshold,
  )
  const proportions = (image.width * mask.height) / (image.height * mask.width)
  if (Math.abs(proportions - 1) > 0.01)
    throw new DataError(
      `${sample.mask}: is ${mask.width}×${mask.height}, its image ${image.width}×${image.height}; the proportions must be the same`,
      { file: sample.mask },
    )
  return {
    name: sample.name,
    patient: sample.patient,
    image: fitTo(stretchContrast(image, contrast ?? 'none'), width, height, fit).image,
    mask: fitTo(mask, width, height, fit, 'nearest').image,
  }
}
