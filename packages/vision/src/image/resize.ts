import { createImage, type Image } from './image.ts'

/**
 * How pixels are made when a picture changes its size. `area`: the mean of what a new pixel covers (for making smaller).
 * `bilinear`: between the two nearest in each direction (for making larger). `nearest`: the pixel at the new one's centre
 * (for masks: no new values). `auto`: area where an axis shrinks, bilinear where it grows.
 */
export type ResizeFilter = 'auto' | 'area' | 'bilinear' | 'nearest'

/** What each new position is made of: positions `first[i] …` with `weights`, `taps` of them for every `i`. */
interface Taps {
  first: Int32Array
  weights: Float64Array
  taps: number
}

/**
 * Resizes a picture. Pixels are squares with their centres at half coordinates, so nothing shifts.
 *
 * @param image Any picture; it stays as it is.
 * @param width The new width in pixels.
 * @param height The new height.
 * @param filter See `ResizeFilter`. Default 'auto'.
 * @example
 * ```ts
 * const { image, mask } = generatePhantom(0, { width: 64, height: 64 })
 * const smaller = resize(image, 32, 32) // smooth
 * const binary = resize(mask, 32, 32, 'nearest') // stays binary
 * console.log(binary.data.every((value) => value === 0 || value === 1), smaller.width) // true 32
 * ```
 */
export function resize(image: Image, width: number, height: number, filter: ResizeFilter = 'auto'): Image {
  for (const size of [width, height])
    if (!(Number.isInteger(size) && size > 0))
      throw new RangeError(`resize: ${width}×${height} is not a size in pixels`)
  if (image.width === width && image.height === height) return image
  const across = tapsFor(image.width, width, filter)
  const down = tapsFor(image.height, height, filter)
  return resizeRows(resizeColumns(image, width, across), height, down)
}

function tapsFor(from: number, to: number, filter: ResizeFilter): Taps {
  if (filter === 'nearest') return nearestTaps(from, to)
  if (filter === 'area' || (filter === 'auto' && to < from)) return areaTaps(from, to)
  return bilinearTaps(from, to)
}

function nearestTaps(from: number, to: number): Taps {
  const first = Int32Array.from({ length: to }, (_, at) => Math.min(from - 1, Math.floor(((at + 0.5) * from) / to)))
  return { first, weights: new Float64Array(to).fill(1), taps: 1 }
}

function bilinearTaps(from: number, to: number): Taps {
  if (from === 1) return { first: new Int32Array(to), weights: new Float64Array(to).fill(1), taps: 1 }
  const first = new Int32Array(to)
  const weights = new Float64Array(2 * to)
  for (let at = 0; at < to; at++) {
    const centre = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5))
    first[at] = Math.min(from - 2, Math.floor(centre))
    weights[2 * at + 1] = centre - first[at]
    weights[2 * at] = 1 - weights[2 * at + 1]
  }
  return { first, weights, taps: 2 }
}

function areaTaps(from: number, to: number): Taps {
  const scale = from / to
  const taps = Math.min(from, Math.ceil(scale) + 1)
  const first = new Int32Array(to)
  const weights = new Float64Array(taps * to)
  for (let at = 0; at < to; at++) {
    const start = at * scale
    const end = Math.min(from, start + scale)
    first[at] = Math.min(from - taps, Math.floor(start))
    for (let tap = 0; tap < taps; tap++) {
      const pixel = first[at] + tap
      weights[taps * at + tap] = Math.max(0, Math.min(end, pixel + 1) - Math.max(start, pixel)) / (end - start)
    }
  }
  return { first, weights, taps }
}

function resizeColumns(image: Image, width: number, { first, weights, taps }: Taps): Image {
  const { channels, height } = image
  const result = createImage(width, height, channels)
  for (let row = 0; row < height; row++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++) {
        let from = (row * image.width + first[x]) * channels + channel
        let sum = 0
        for (let tap = 0; tap < taps; tap++, from += channels) sum += weights[taps * x + tap] * image.data[from]
        result.data[(row * width + x) * channels + channel] = sum
      }
  return result
}

function resizeRows(image: Image, height: number, { first, weights, taps }: Taps): Image {
  const perRow = image.width * image.channels
  const result = createImage(image.width, height, image.channels)
  const sums = new Float64Array(perRow)
  for (let row = 0; row < height; row++) {
    sums.fill(0)
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[taps * row + tap]
      if (weight === 0) continue
      const from = (first[row] + tap) * perRow
      for (let at = 0; at < perRow; at++) sums[at] += weight * image.data[from + at]
    }
    result.data.set(sums, row * perRow)
  }
  return result
}
