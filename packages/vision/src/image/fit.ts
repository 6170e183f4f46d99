import { createImage, type Image } from './image.ts'
import { type ResizeFilter, resize } from './resize.ts'

/** `pad`: keep the proportions and fill the rest with black, centred. `stretch`: fill the whole, proportions change. */
export type Fit = 'pad' | 'stretch'

/** Where the content of a fitted picture lies, and what size it had: enough to go back. */
export interface Placement {
  left: number
  top: number
  width: number
  height: number
  originalWidth: number
  originalHeight: number
}

/** Where a picture of one size lies in a frame of another. */
export function placement(
  image: { width: number; height: number },
  width: number,
  height: number,
  fit: Fit,
): Placement {
  const original = { originalWidth: image.width, originalHeight: image.height }
  if (fit === 'stretch') return { left: 0, top: 0, width, height, ...original }
  const scale = Math.min(width / image.width, height / image.height)
  const inner = {
    width: Math.max(1, Math.min(width, Math.round(image.width * scale))),
    height: Math.max(1, Math.min(height, Math.round(image.height * scale))),
  }
  return {
    left: Math.floor((width - inner.width) / 2),
    top: Math.floor((height - inner.height) / 2),
    ...inner,
    ...original,
  }
}

/**
 * Brings a picture of any size and proportions into a frame.
 *
 * @param fit How proportions that differ are treated; see `Fit`. Default 'pad'.
 * @returns The fitted picture, and where its content lies, for `unfit`.
 * @example
 * ```ts
 * const film = createImage(300, 200)
 * const { image, placed } = fitTo(film, 256, 256)
 * const back = unfit(image, placed) // of the film's own size
 * console.log([image.height, back.width, back.height]) // [256, 300, 200]
 * ```
 */
export function fitTo(
  image: Image,
  width: number,
  height: number,
  fit: Fit = 'pad',
  filter: ResizeFilter = 'auto',
): { image: Image; placed: Placement } {
  checkPixels(width, 'fitTo: width')
  checkPixels(height, 'fitTo: height')
  const placed = placement(image, width, height, fit)
  const content = resize(image, placed.width, placed.height, filter)
  return { image: paste(content, width, height, placed.left, placed.top), placed }
}

function checkPixels(size: number, name: string): void {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`${name} must be a whole number from 1 up, got ${size}`)
}

/** Cuts the content out of a fitted picture and brings it back to the size that it had. */
export function unfit(image: Image, placed: Placement, filter: ResizeFilter = 'auto'): Image {
  const content = crop(image, placed.left, placed.top, placed.width, placed.height)
  return resize(content, placed.originalWidth, placed.originalHeight, filter)
}

/** A part of a picture. */
export function crop(image: Image, left: number, top: number, width: number, height: number): Image {
  if (left < 0 || top < 0 || width < 1 || height < 1 || left + width > image.width || top + height > image.height)
    throw new RangeError(`crop: ${width}×${height} at (${left}, ${top}) is not within ${image.width}×${image.height}`)
  if (width === image.width && height === image.height) return image
  const result = createImage(width, height, image.channels)
  const length = width * image.channels
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * image.channels
    result.data.set(image.data.subarray(from, from + length), row * length)
  }
  return result
}

/** A picture on black, in a larger frame. */
function paste(image: Image, width: number, height: number, left: number, top: number): Image {
  if (width === image.width && height === image.height) return image
  const result = createImage(width, height, image.channels)
  const length = image.width * image.channels
  for (let row = 0; row < image.height; row++)
    result.data.set(
      image.data.subarray(row * length, (row + 1) * length),
      ((top + row) * width + left) * image.channels,
    )
  return result
}

/**
 * Pads a picture with black on the right and below until both sides are multiples of a number, as networks that halve their
 * input several times need. `crop(result, 0, 0, width, height)` undoes it.
 */
export function padToMultiple(image: Image, multiple: number): Image {
  checkPixels(multiple, 'padToMultiple: multiple')
  const up = (size: number) => Math.ceil(size / multiple) * multiple
  return paste(image, up(image.width), up(image.height), 0, 0)
}
