import { power } from '../random/portable.ts'
import { Random } from '../random/random.ts'
import type { FilmParameters } from './parameters.ts'
import { clamp01 } from './shape.ts'

/**
 * Turns attenuations into a film: enhancement, blur, grain, the curve from attenuation to shade, borders. In place.
 */
export function develop(values: Float32Array, width: number, height: number, film: FilmParameters, seed: number): void {
  const side = Math.min(width, height)
  if (film.enhancement > 0) enhance(values, width, height, film.enhancement, Math.round(0.07 * side))
  addGrain(values, film.noise * (film.white - film.black), seed)
  blur(values, width, height, film.blur * side)
  const curve = toneCurve(film)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const slope = film.slopeX * (x / width - 0.5) + film.slopeY * (y / height - 0.5)
      values[at] = curve(clamp01((values[at] - film.black) / (film.white - film.black) + slope))
    }
  addBorders(values, width, height, film)
}

/** From 0..1 to shades: a soft shoulder at both ends, then gamma, read from a table. */
function toneCurve({ gamma, darkest, brightest }: FilmParameters): (value: number) => number {
  const table = Float64Array.from({ length: 1025 }, (_, index) => {
    const value = index / 1024
    const soft = 0.55 * value + 0.45 * value * value * (3 - 2 * value)
    return darkest + (brightest - darkest) * power(soft, gamma)
  })
  return (value) => {
    const at = value * 1024
    const low = Math.min(1023, Math.floor(at))
    return table[low] + (table[low + 1] - table[low]) * (at - low)
  }
}

/** Unsharp masking with a wide mask, as storage-phosphor systems do it: evens out lungs and mediastinum, brings out detail. */
function enhance(values: Float32Array, width: number, height: number, share: number, radius: number): void {
  const wide = values.slice()
  for (let pass = 0; pass < 2; pass++) boxBlur(wide, width, height, radius)
  let mean = 0
  for (const value of wide) mean += value
  mean /= wide.length
  for (let at = 0; at < values.length; at++) values[at] += share * (mean - wide[at])
}

function addGrain(values: Float32Array, deviation: number, seed: number): void {
  if (deviation <= 0) return
  const random = new Random(seed, 4)
  for (let at = 0; at < values.length; at++) values[at] += deviation * random.grain()
}

/** A blur of about the given deviation in pixels: a small kernel, passed over twice in each direction. */
function blur(values: Float32Array, width: number, height: number, deviation: number): void {
  if (deviation < 0.15) return
  // [w, 1, w] has variance 2w / (1 + 2w); two passes have twice that.
  const passes = Math.max(2, Math.ceil((deviation * deviation) / 0.6))
  const variance = Math.min(0.66, (deviation * deviation) / passes)
  const side = variance / 2
  const line = new Float32Array(Math.max(width, height) + 2)
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < height; y++) pass3(values, line, y * width, 1, width, side)
    for (let x = 0; x < width; x++) pass3(values, line, x, width, height, side)
  }
}

function pass3(
  values: Float32Array,
  line: Float32Array,
  start: number,
  step: number,
  count: number,
  side: number,
): void {
  for (let index = 0; index < count; index++) line[index + 1] = values[start + index * step]
  line[0] = line[1]
  line[count + 1] = line[count]
  for (let index = 0; index < count; index++)
    values[start + index * step] = (1 - 2 * side) * line[index + 1] + side * (line[index] + line[index + 2])
}

/** The mean over a square, by running sums; the border repeats. */
function boxBlur(values: Float32Array, width: number, height: number, radius: number): void {
  const line = new Float64Array(Math.max(width, height))
  const run = (start: number, step: number, count: number) => {
    for (let index = 0; index < count; index++) line[index] = values[start + index * step]
    let sum = 0
    for (let index = -radius; index <= radius; index++) sum += line[Math.min(count - 1, Math.max(0, index))]
    for (let index = 0; index < count; index++) {
      values[start + index * step] = sum / (2 * radius + 1)
      sum += line[Math.min(count - 1, index + radius + 1)] - line[Math.max(0, index - radius)]
    }
  }
  for (let y = 0; y < height; y++) run(y * width, 1, width)
  for (let x = 0; x < width; x++) run(x, width, height)
}

function addBorders(values: Float32Array, width: number, height: number, { borders }: FilmParameters): void {
  const left = borders.left * width
  const right = width * (1 - borders.right)
  const top = borders.top * height
  const bottom = height * (1 - borders.bottom)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (x < left || x >= right || y < top || y >= bottom) values[y * width + x] = 0
}
