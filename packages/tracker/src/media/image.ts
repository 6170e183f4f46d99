/** Pictures with masks and boxes over them. */
import type { BoxRecord } from '../log/records.ts'
import { imageMime } from '../store/mime.ts'
import { imageSize } from './imageSize.ts'
import { type ImageSource, type MaskInput, Media, MediaError, type MediaInput } from './input.ts'

export type Numbers = ArrayLike<number>

/** A picture as numbers. */
export interface Pixels {
  /** `height · width · channels` numbers: bytes 0–255 in a Uint8Array or Uint8ClampedArray, else 0–1. */
  data: Numbers
  width: number
  height: number
  /** 1 grey, 3 red-green-blue, 4 with opacity. Default: what the number of values says. */
  channels?: 1 | 3 | 4
  /** Order of `data`: `hwc` (default) has the channels of a pixel together, `chw` one plane after another, as tensors do. */
  layout?: 'hwc' | 'chw'
}

/** An overlay that gives each pixel a class. */
export interface MaskOptions {
  /** One class (0–255) a pixel, row by row. */
  data: Numbers
  /** Names of the classes: `{ 1: 'lung' }`. */
  classes?: { [index: number]: string }
}

/** A rectangle with what was found in it. */
export interface BoxOptions {
  /** Left, top, right, bottom in pixels. */
  box: [number, number, number, number]
  /** Number of its class. Default 0. */
  class?: number
  /** Stands at the box. Default: the name of its class. */
  caption?: string
  /** Numbers by name, such as the confidence; the page shows the first. Default: none. */
  scores?: { [name: string]: number }
}

/** What stands below a picture and what lies over it. */
export interface ImageOptions {
  /** A text below the picture. Default: none. */
  caption?: string
  /** Overlays by name, by custom `truth` and `prediction`. */
  masks?: { [name: string]: MaskOptions | Numbers }
  /** Rectangles by name, by custom `truth` and `prediction`, with the names of their classes. */
  boxes?: { [name: string]: { boxes: BoxOptions[]; classes?: { [index: number]: string } } }
}

/**
 * A picture for `run.log`. Takes pixels, an encoded PNG, JPEG, GIF, WebP or SVG, or the path of such a file. Values are copied, so the array
 * may be reused at once.
 * @throws MediaError where sizes do not fit, saying which.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * const data = new Float32Array(256 * 256).fill(0.5)
 * const truth = { data: new Uint8Array(256 * 256), classes: { 1: 'lung' } }
 * run.log({ sample: new Image({ data, width: 256, height: 256 }, { masks: { truth } }) })
 * ```
 */
export class Image extends Media {
  private readonly input: MediaInput

  constructor(image: Pixels | Uint8Array | string, options: ImageOptions = {}) {
    super()
    const source = toSource(image)
    const size = 'file' in source ? null : { width: source.width, height: source.height }
    const masks: { [name: string]: MaskInput } = {}
    for (const [name, mask] of Object.entries(options.masks ?? {})) masks[name] = toMask(name, mask, size)
    const boxes: { [name: string]: { boxes: BoxRecord[]; classes: { [index: string]: string } } } = {}
    for (const [name, group] of Object.entries(options.boxes ?? {}))
      boxes[name] = { boxes: group.boxes.map((box) => toBox(name, box)), classes: toClasses(group.classes) }
    this.input = {
      kind: 'image',
      source,
      caption: toCaption(options.caption),
      masks,
      boxes,
    }
  }

  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return this.input
  }
}

function toSource(image: Pixels | Uint8Array | string): ImageSource {
  if (typeof image === 'string') return { file: image }
  if (image instanceof Uint8Array) {
    const mime = imageMime(image)
    const size = mime && imageSize(image, mime)
    if (!mime || !size)
      throw new MediaError(
        'Image: these bytes are no PNG, JPEG, GIF, WebP or SVG picture. For raw pixels pass { data, width, height }.',
      )
    return { bytes: image.slice(), mime, ...size }
  }
  return toPixels(image)
}

function toPixels({ data, width, height, channels, layout = 'hwc' }: Pixels): ImageSource {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
    throw new MediaError(`Image: width and height must be positive whole numbers, got ${width} and ${height}`)
  const count = width * height
  const found = data.length / count
  channels ??= found as 1 | 3 | 4
  if (![1, 3, 4].includes(channels) || data.length !== count * channels)
    throw new MediaError(
      `Image: ${data.length} values for ${width}×${height} pixels are ${Number.isInteger(found) ? found : found.toFixed(2)} a pixel; expected 1, 3 or 4`,
    )
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray
  const pixels = new Uint8Array(data.length)
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < count; i++) {
      const value = data[layout === 'chw' ? c * count + i : i * channels + c]
      pixels[i * channels + c] = bytes ? value : Math.max(0, Math.min(255, Math.round(value * 255))) // NaN becomes 0
    }
  return { pixels, width, height, channels }
}

function toMask(name: string, mask: MaskOptions | Numbers, size: { width: number; height: number } | null): MaskInput {
  const { data, classes } = 'data' in mask ? mask : { data: mask, classes: undefined }
  if (size && data.length !== size.width * size.height)
    throw new MediaError(
      `Image: mask "${name}" has ${data.length} values, the picture ${size.width}×${size.height} = ${size.width * size.height} pixels`,
    )
  const pixels = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (!(Number.isInteger(value) && value >= 0 && value <= 255))
      throw new MediaError(`Image: mask "${name}" holds ${value} at ${i}; a mask holds class numbers from 0 to 255`)
    pixels[i] = value
  }
  return { pixels, classes: toClasses(classes) }
}

const toCaption = (caption: string | undefined) => (caption == null ? null : String(caption))

const toClasses = (classes: { [index: number]: string } = {}): { [index: string]: string } =>
  Object.fromEntries(Object.entries(classes).map(([index, name]) => [index, String(name)]))

function toBox(name: string, { box, class: index = 0, caption, scores }: BoxOptions): BoxRecord {
  if (box.length !== 4 || !box.every(Number.isFinite))
    throw new MediaError(`Image: a box of "${name}" must be [left, top, right, bottom] in pixels, got [${box}]`)
  if (!Number.isFinite(index)) throw new MediaError(`Image: the class of a box of "${name}" is a number, got ${index}`)
  for (const [score, value] of Object.entries(scores ?? {}))
    if (!Number.isFinite(value)) throw new MediaError(`Image: the score "${score}" of a box of "${name}" is ${value}`)
  return { box: [...box], class: index, caption: toCaption(caption), scores: { ...scores } }
}
