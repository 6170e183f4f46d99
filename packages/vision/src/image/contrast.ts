import { createImage, type Image } from './image.ts'

/** `none`: values as they are in the file. `minmax`: darkest to 0, brightest to 1. `percentile`: the same, but the darkest and the brightest hundredth are cut off. */
export type ContrastStretch = 'none' | 'minmax' | 'percentile'

/**
 * Stretches a picture's values to 0..1. Films kept as 12 bits in 16 are nearly black without it.
 *
 * @example
 * ```ts
 * const { image } = generatePhantom(0, { width: 64, height: 64 })
 * const clearer = stretchContrast(image, 'percentile')
 * ```
 */
export function stretchContrast(image: Image, how: ContrastStretch): Image {
  if (how === 'none') return image
  const sorted = Float32Array.from(image.data).sort()
  const cut = how === 'percentile' ? 0.01 : 0
  const lowest = sorted[Math.floor(cut * (sorted.length - 1))]
  const highest = sorted[Math.ceil((1 - cut) * (sorted.length - 1))]
  if (!(highest > lowest)) return image
  const result = createImage(image.width, image.height, image.channels)
  for (let index = 0; index < sorted.length; index++)
    result.data[index] = Math.min(1, Math.max(0, (image.data[index] - lowest) / (highest - lowest)))
  return result
}
