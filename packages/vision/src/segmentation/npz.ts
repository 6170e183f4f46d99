import { DataError } from '../errors.ts'
import type { Image } from '../image/image.ts'
import { openNpz, sizeText } from '../npy/npz.ts'
import type { NpyArray } from '../npy/parse.ts'
import { type ArraySamples, createArraySamples, putSample } from './arrays.ts'
import type { ReadOptions } from './files.ts'
import { binariseMask } from './mask.ts'
import type { Split } from './split.ts'

/** What the parts of a split are called in such files. */
const KEYS: Record<keyof Split, string> = { train: 'train', validation: 'val', test: 'test' }
/** A float for the picture, a byte for its mask. */
const BYTES_A_PIXEL = 5
const MOST_BYTES = 8 * 2 ** 30
const PARTS = Object.keys(KEYS) as (keyof Split)[]

/**
 * Reads pictures and masks that are split already from a `.npz` with the arrays `x_train`, `y_train`, `x_val`, `y_val`,
 * `x_test` and `y_test`, each `[count, height, width]` or `[count, height, width, 1]`. Whole numbers are scaled by what their
 * type can hold, floats above 1 by 255.
 *
 * @param options `parts`: read only these, and need no others; all three by default.
 * @throws `DataError`: keys missing (with those there are), counts or sizes that disagree, an empty part, masks that are not
 * binary, values that are no picture's.
 */
export function readSegmentationNpz<Part extends keyof Split = keyof Split>(
  bytes: Uint8Array,
  name: string,
  options: ReadOptions & { parts?: readonly Part[] },
): Record<Part, ArraySamples> {
  const parts = options.parts ?? (PARTS as Part[])
  const npz = openNpz(bytes, name, { keys: parts.flatMap((part) => [`x_${KEYS[part]}`, `y_${KEYS[part]}`]) })
  let needed = 0
  const read = (part: keyof Split) => {
    const x = `x_${KEYS[part]}`
    const y = `y_${KEYS[part]}`
    const images = stack(npz.get(x), `${name}: ${x}`)
    const masks = stack(npz.get(y), `${name}: ${y}`)
    const fault = (message: string) => new DataError(`${name}: ${message}`, { file: name })
    if (images.count !== masks.count) throw fault(`${images.count} images in ${x}, but ${masks.count} masks in ${y}`)
    if (images.width !== masks.width || images.height !== masks.height)
      throw fault(`${x} is ${images.height}×${images.width}, but ${y} is ${masks.height}×${masks.width}`)
    if (images.count === 0) throw fault(`${x} holds no images`)
    const infos = Array.from({ length: images.count }, (_, index) => ({
      name: `${part}-${index}`,
      patient: `${part}-${index}`,
    }))
    // A few megabytes of zip can hold millions of black pictures.
    needed += images.count * options.width * options.height * BYTES_A_PIXEL
    if (needed > MOST_BYTES)
      throw fault(
        `${images.count} images in ${x} need more than the ${sizeText(MOST_BYTES)} that may be held in memory at ${options.width}×${options.height}; choose a smaller size, or give a folder of files`,
      )
    const samples = createArraySamples(infos, options.width, options.height, 1)
    for (let index = 0; index < images.count; index++)
      putSample(
        samples,
        index,
        images.at(index),
        binariseMask(masks.at(index), `${name}: ${y}[${index}]`, options.maskThreshold),
        options.fit,
      )
    return samples
  }
  return Object.fromEntries(parts.map((part) => [part, read(part)])) as Record<Part, ArraySamples>
}

interface Stack {
  count: number
  height: number
  width: number
  at(index: number): Image
}

function stack({ shape, data, dtype }: NpyArray, name: string): Stack {
  const [count, height, width] = shape
  if (!(shape.length === 3 || (shape.length === 4 && shape[3] === 1)) || height === 0 || width === 0)
    throw new DataError(
      `${name} has shape [${shape.join(', ')}], [count, height, width] or [count, height, width, 1] was expected`,
    )
  const scale = 1 / highest(data, dtype, name)
  const pixels = height * width
  return {
    count,
    height,
    width,
    at: (index) => ({
      data: Float32Array.from(data.subarray(index * pixels, (index + 1) * pixels), (value) => value * scale),
      width,
      height,
      channels: 1,
    }),
  }
}

/** What counts as white. */
function highest(data: NpyArray['data'], dtype: string, name: string): number {
  let low = 0
  let high = 0
  for (const value of data) {
    if (Number.isNaN(value)) throw new DataError(`${name} holds values that are not numbers (NaN)`)
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low < 0) throw new DataError(`${name} holds ${low}; pictures have values from 0 to 1 or 0 to 255`)
  if (high <= 1) return 1
  if (dtype === 'uint16' && high > 255) return 65_535
  if (high <= 255) return 255
  throw new DataError(`${name} holds values up to ${high} (${dtype}); pictures have values from 0 to 1 or 0 to 255`)
}
