import { createImage, type Image } from '../image/image.ts'
import { contactSheet, type SheetOptions } from './contactSheet.ts'
import { encodePng } from './encode.ts'
import { difference, type OverlayMasks, overlay } from './overlay.ts'

/** A mask as a black and white PNG, cut at a probability (default 0.5). */
export function maskPng(mask: Image, threshold = 0.5): Uint8Array {
  const cut = createImage(mask.width, mask.height)
  for (let at = 0; at < cut.data.length; at++) cut.data[at] = mask.data[at] > threshold ? 1 : 0
  return encodePng(cut)
}

/** A map of probabilities as a grey PNG of 16 bits: black is 0, white is 1, with 65,536 steps between. */
export function probabilityPng(probability: Image): Uint8Array {
  return encodePng(probability, 16)
}

/** A film with masks laid over it, as PNG. See `overlay`. */
export function overlayPng(image: Image, masks: OverlayMasks, opacity?: number): Uint8Array {
  return encodePng(overlay(image, masks, opacity))
}

/** Where a prediction is right and wrong, as PNG. See `difference`. */
export function differencePng(truth: Image, predicted: Image): Uint8Array {
  return encodePng(difference(truth, predicted))
}

/** Pictures side by side, as PNG. See `contactSheet`. */
export function contactSheetPng(images: readonly Image[], options?: SheetOptions): Uint8Array {
  return encodePng(contactSheet(images, options))
}
