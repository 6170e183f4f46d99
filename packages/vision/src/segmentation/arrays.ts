import { fitTo } from '../image/fit.ts'
import type { Image } from '../image/image.ts'
import type { ReadOptions } from './files.ts'
import type { Sample, SampleInfo } from './sample.ts'

/** Pictures and masks in memory, all of one size, one after another. Shared memory, so that worker threads read them too. */
export interface ArraySamples {
  infos: SampleInfo[]
  width: number
  height: number
  channels: number
  /** `infos.length × height × width × channels` values 0..1. */
  images: Float32Array<SharedArrayBuffer>
  /** `infos.length × height × width` values, 0 or 1. */
  masks: Uint8Array<SharedArrayBuffer>
}

/** Room for so many pictures. */
export function createArraySamples(infos: SampleInfo[], width: number, height: number, channels: number): ArraySamples {
  const pixels = infos.length * width * height
  return {
    infos,
    width,
    height,
    channels,
    images: new Float32Array(new SharedArrayBuffer(4 * pixels * channels)),
    masks: new Uint8Array(new SharedArrayBuffer(pixels)),
  }
}

/** Puts a picture and its mask at a place, brought to size if they have another. */
export function putSample(
  samples: ArraySamples,
  index: number,
  image: Image,
  mask: Image,
  fit?: ReadOptions['fit'],
): void {
  const { width, height, channels } = samples
  samples.images.set(fitTo(image, width, height, fit).image.data, index * width * height * channels)
  samples.masks.set(fitTo(mask, width, height, fit, 'nearest').image.data, index * width * height)
}

/** A picture and its mask out of memory; the picture is a view, the mask a copy. */
export function readArraySample(samples: ArraySamples, index: number): Sample {
  const { width, height, channels } = samples
  const pixels = width * height
  return {
    ...samples.infos[index],
    image: {
      data: samples.images.subarray(
        index * pixels * channels,
        (index + 1) * pixels * channels,
      ) as Float32Array as Float32Array<ArrayBuffer>,
      width,
      height,
      channels,
    },
    mask: {
      data: Float32Array.from(samples.masks.subarray(index * pixels, (index + 1) * pixels)),
      width,
      height,
      channels: 1,
    },
  }
}
