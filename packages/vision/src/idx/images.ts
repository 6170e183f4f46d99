import { gunzip, isGzip } from '../compression/gunzip.ts'
import { DataError } from '../errors.ts'
import { IDX_HEAD_BYTES, type IdxArray, parseIdx, parseIdxHeader } from './parse.ts'

/** Labelled images as an idx pair holds them: `count` pictures of `height`×`width` bytes, and one class number each. */
export interface LabelledImages {
  /** Pixels 0..255, `count × height × width`, row-major. */
  images: Uint8Array
  /** Class numbers, one an image. */
  labels: Uint8Array
  count: number
  height: number
  width: number
}

/** One file of a pair: its bytes, raw or compressed, and its name for messages. */
export interface NamedBytes {
  name: string
  bytes: Uint8Array
}

/**
 * Reads a pair of idx files, raw or gzip whatever their names say, and checks that they belong together.
 *
 * @param images The images' file: uint8, 3 dimensions (or 4 with one channel).
 * @param labels The labels' file: 1 dimension, whole numbers 0..255.
 * @throws `DataError` naming the file at fault: wrong magic, cut short, images and labels swapped, counts that disagree.
 * @example
 * const train = await readIdxPair({ name: 'images', bytes }, { name: 'labels', bytes: labelBytes })
 */
export async function readIdxPair(images: NamedBytes, labels: NamedBytes): Promise<LabelledImages> {
  const [pixels, classes] = await Promise.all([readIdx(images), readIdx(labels)])
  const swapped = pixels.shape.length === 1 && classes.shape.length >= 3 ? ': the two files seem to be swapped' : ''
  const [count, height, width] = pixels.shape
  if (pixels.shape.length < 3 || pixels.type !== 'uint8' || (pixels.shape.length === 4 && pixels.shape[3] !== 1))
    throw new DataError(
      `${images.name}: holds [${pixels.shape.join(', ')}] ${pixels.type}, images [count, height, width] uint8 were expected${swapped}`,
      { file: images.name },
    )
  if (classes.shape.length !== 1)
    throw new DataError(
      `${labels.name}: holds [${classes.shape.join(', ')}] ${classes.type}, labels [count] were expected${swapped}`,
      { file: labels.name },
    )
  if (count === 0 || height === 0 || width === 0)
    throw new DataError(`${images.name}: holds no pixels, its shape is [${pixels.shape.join(', ')}]`, {
      file: images.name,
    })
  if (classes.shape[0] !== count)
    throw new DataError(
      `${labels.name}: ${classes.shape[0]} labels for ${count} images in ${images.name}; the two files are not of one data set`,
      { file: labels.name },
    )
  return { images: pixels.data as Uint8Array, labels: asBytes(classes, labels.name), count, height, width }
}

async function readIdx({ name, bytes }: NamedBytes): Promise<IdxArray> {
  if (!isGzip(bytes)) return parseIdx(bytes, name)
  const whole = await gunzip(bytes, name, IDX_HEAD_BYTES, (head) => parseIdxHeader(head, name).totalBytes)
  return parseIdx(whole, name)
}

function asBytes({ data, type }: IdxArray, name: string): Uint8Array {
  if (data instanceof Uint8Array) return data
  const bad = data.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 255)
  if (bad >= 0)
    throw new DataError(`${name}: label ${bad} is ${data[bad]} (${type}); class numbers 0..255 were expected`, {
      file: name,
    })
  return Uint8Array.from(data)
}

/**
 * Checks that every label is below the number of classes that a model can tell apart.
 *
 * @throws `DataError` naming the file, the first label at fault and where it is.
 */
export function checkLabels(labels: Uint8Array, classes: number, name: string): void {
  const bad = labels.findIndex((label) => label >= classes)
  if (bad >= 0)
    throw new DataError(
      `${name}: label ${bad} is ${labels[bad]}, but there are ${classes} classes, 0..${classes - 1}; is this the right labels file?`,
      { file: name },
    )
}
