import { DataError } from '../errors.ts'
import { createImage, type Image } from '../image/image.ts'

/** How far from black or white a pixel may be and still count as binary: what JPEG compression leaves around edges. */
const TOLERANCE = 0.1
/** Which share of the pixels may be further away: the rims of a mask that was made smaller with smoothing. */
const GREY_SHARE = 0.05

/**
 * Turns a picture of a mask into zeros and ones.
 *
 * Without a threshold the picture must be binary already: two values, whatever they are (0 and 255, 0 and 1), or black and
 * white but for traces of compression, which are cut at 0.5. Anything else, such as a map of several labels, is refused.
 *
 * @param mask One channel, values 0..1.
 * @param name The file's name, for messages.
 * @param threshold Cut here whatever the picture holds: above is 1.
 * @throws `DataError` saying which share of the pixels is neither black nor white, or which values there are.
 */
export function binariseMask(mask: Image, name: string, threshold?: number): Image {
  if (threshold !== undefined) return above(mask, threshold)
  const values = distinctValues(mask, 9)
  if (values.length <= 2) return above(mask, values.length === 2 ? values[0] : 0)
  let grey = 0
  for (const value of mask.data) if (value > TOLERANCE && value < 1 - TOLERANCE) grey += 1
  const share = grey / mask.data.length
  const white = values.at(-1)! >= 1 - TOLERANCE || values.length > 8
  if (share <= GREY_SHARE && white) return above(mask, 0.5)
  const found =
    values.length <= 8
      ? `holds ${values.length} values, ${values.map((value) => Number((value * 255).toFixed(1))).join(', ')} of 255`
      : `${(100 * share).toFixed(1)} % of its pixels are neither black nor white`
  throw new DataError(
    `${name}: the mask is not binary: ${found}; give a mask threshold between 0 and 1 to cut it there (maskThreshold: 0.5, --mask-threshold 0.5)`,
    {
      file: name,
    },
  )
}

function above(mask: Image, threshold: number): Image {
  const result = createImage(mask.width, mask.height)
  for (let pixel = 0; pixel < result.data.length; pixel++) result.data[pixel] = mask.data[pixel] > threshold ? 1 : 0
  return result
}

/** The different values, sorted; no more than `limit` of them are looked for. */
function distinctValues(mask: Image, limit: number): number[] {
  const values = new Set<number>()
  for (const value of mask.data) {
    values.add(value)
    if (values.size >= limit) break
  }
  return [...values].sort((a, b) => a - b)
}
