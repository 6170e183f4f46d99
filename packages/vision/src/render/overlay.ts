import { createImage, type Image, withChannels } from '../image/image.ts'

export type Colour = readonly [red: number, green: number, blue: number]

/**
 * The colours of overlays and differences, apart for colour-blind eyes too (M. Okabe and K. Ito, "Color universal design").
 */
export const OVERLAY_COLOURS = {
  /** What is there: blue. */
  truth: [0.0, 0.62, 1.0],
  /** What was found: orange. */
  predicted: [1.0, 0.6, 0.0],
  /** Both at once: green. */
  both: [0.0, 0.8, 0.5],
} as const satisfies Record<string, Colour>

/** Masks to lay over a film: one channel, more than 0.5 counts as inside. */
export interface OverlayMasks {
  /** What is there; drawn blue. */
  truth?: Image
  /** What was found; drawn orange. */
  predicted?: Image
}

/**
 * Lays masks over a film: the true one blue, the predicted one orange, green where both agree, with their outlines drawn full.
 *
 * @param image The film, grey or colour.
 * @param masks One or both masks, of the film's size.
 * @param opacity How strongly areas are tinted, 0..1, by default 0.3. Outlines are always full.
 * @returns A colour picture of the film's size.
 * @throws `RangeError` when sizes differ.
 */
export function overlay(image: Image, masks: OverlayMasks, opacity = 0.3): Image {
  const { width, height } = image
  for (const mask of [masks.truth, masks.predicted]) if (mask) checkSize(image, mask, 'overlay')
  const colour = withChannels(image, 3)
  const result = { ...colour, data: colour.data.slice() }
  const inside = (mask: Image | undefined, at: number) => mask !== undefined && mask.data[at] > 0.5
  for (let at = 0; at < width * height; at++) {
    const tint = tintOf(inside(masks.truth, at), inside(masks.predicted, at))
    if (tint) blend(result.data, at, tint, opacity)
  }
  for (const which of ['truth', 'predicted'] as const) {
    const mask = masks[which]
    if (mask) for (const at of outline(mask)) blend(result.data, at, OVERLAY_COLOURS[which], 1)
  }
  return result
}

/**
 * Shows where a prediction is right and wrong: grey where both masks say inside, orange where too much was found, blue where
 * something was missed, black elsewhere.
 */
export function difference(truth: Image, predicted: Image): Image {
  checkSize(truth, predicted, 'difference')
  const result = createImage(truth.width, truth.height, 3)
  for (let at = 0; at < truth.width * truth.height; at++) {
    const is = truth.data[at] > 0.5
    const found = predicted.data[at] > 0.5
    if (is && found) blend(result.data, at, [0.45, 0.45, 0.45], 1)
    else if (is || found) blend(result.data, at, is ? OVERLAY_COLOURS.truth : OVERLAY_COLOURS.predicted, 1)
  }
  return result
}

function tintOf(is: boolean, found: boolean): Colour | undefined {
  if (is && found) return OVERLAY_COLOURS.both
  return is ? OVERLAY_COLOURS.truth : found ? OVERLAY_COLOURS.predicted : undefined
}

function blend(data: Float32Array, pixel: number, colour: Colour, opacity: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const at = 3 * pixel + channel
    data[at] += (colour[channel] - data[at]) * opacity
  }
}

/** The pixels inside a mask that have a neighbour outside; the picture's own border is no outline. */
function outline({ data, width, height }: Image): number[] {
  const pixels: number[] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (!(data[at] > 0.5)) continue
      const outside =
        (x > 0 && !(data[at - 1] > 0.5)) ||
        (x + 1 < width && !(data[at + 1] > 0.5)) ||
        (y > 0 && !(data[at - width] > 0.5)) ||
        (y + 1 < height && !(data[at + width] > 0.5))
      if (outside) pixels.push(at)
    }
  return pixels
}

function checkSize(image: Image, mask: Image, what: string): void {
  if (mask.channels !== 1 || mask.width !== image.width || mask.height !== image.height)
    throw new RangeError(
      `${what}: the mask is ${mask.width}×${mask.height}×${mask.channels}, but ${image.width}×${image.height}×1 is needed`,
    )
}
