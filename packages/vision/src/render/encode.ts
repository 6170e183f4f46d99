import { encode } from 'fast-png'
import type { Image } from '../image/image.ts'

/**
 * Encodes a picture as PNG, grey or colour by its number of channels.
 *
 * @param image Values 0..1; what lies beyond is cut off, NaN becomes black.
 * @param depth 8 bits a sample (default), or 16 where fine steps matter, as in probabilities.
 * @returns The bytes of the file; the same picture gives the same bytes.
 * @example
 * await writeFile('film.png', encodePng(image))
 */
export function encodePng(image: Image, depth: 8 | 16 = 8): Uint8Array {
  const { width, height, channels, data } = image
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`encodePng: ${channels} channels; 1 (grey) or 3 (colour) can be written`)
  if (data.length !== width * height * channels)
    throw new RangeError(`encodePng: ${data.length} values for ${width}×${height}×${channels}`)
  const highest = 2 ** depth - 1
  const samples = depth === 8 ? new Uint8Array(data.length) : new Uint16Array(data.length)
  for (let at = 0; at < data.length; at++) samples[at] = Math.round(Math.min(1, Math.max(0, data[at])) * highest)
  return encode({ width, height, channels, depth, data: samples })
}
