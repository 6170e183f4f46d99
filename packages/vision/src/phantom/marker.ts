import { Random } from '../random/random.ts'
import type { PhantomParameters } from './parameters.ts'

/** The side letters that lie on a film, five rows of bits. */
const LETTERS = [
  [0b1000, 0b1000, 0b1000, 0b1000, 0b1110],
  [0b1110, 0b1010, 0b1110, 0b1100, 0b1010],
]

/** Prints a side letter near an upper corner, bright on whatever is there. */
export function printMarker(values: Float32Array, width: number, height: number, parameters: PhantomParameters): void {
  if (!parameters.devices.marker) return
  const random = new Random(parameters.seed, 5)
  const side = Math.min(width, height)
  const right = random.chance(0.3)
  const letter = LETTERS[right ? 1 : 0]
  const pixel = side * random.uniform(0.004, 0.008)
  const left = width * (right ? random.uniform(0.02, 0.08) : random.uniform(0.88, 0.94))
  const top = height * random.uniform(0.02, random.chance(0.7) ? 0.12 : 0.9)
  const shade = random.uniform(0.75, 1)
  for (let y = Math.floor(top); y < Math.min(height, top + 5 * pixel); y++)
    for (let x = Math.floor(left); x < Math.min(width, left + 4 * pixel); x++) {
      const row = Math.floor((y + 0.5 - top) / pixel)
      const column = Math.floor((x + 0.5 - left) / pixel)
      if (row >= 0 && row < 5 && column >= 0 && column < 4 && (letter[row] >> (3 - column)) & 1)
        values[y * width + x] = shade
    }
}
