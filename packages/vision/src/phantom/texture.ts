/** A well mixed 32-bit hash of two lattice coordinates (after C. Wellons' search for integer hashes of low bias). */
function hash(x: number, y: number, seed: number): number {
  let value = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ seed
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b)
  return (value ^ (value >>> 16)) >>> 0
}

const SCALE = 2 / 2 ** 32

/**
 * Smooth noise in -1..1 with features of size 1 (K. Perlin's value noise: random numbers on a lattice, smoothly joined). A
 * function of the place alone, so that a phantom looks the same at any resolution.
 */
export function valueNoise(x: number, y: number, seed: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const fx = x - left
  const fy = y - top
  const across = fx * fx * (3 - 2 * fx)
  const down = fy * fy * (3 - 2 * fy)
  const a = hash(left, top, seed)
  const b = hash(left + 1, top, seed)
  const c = hash(left, top + 1, seed)
  const d = hash(left + 1, top + 1, seed)
  const upper = a + (b - a) * across
  const lower = c + (d - c) * across
  return (upper + (lower - upper) * down) * SCALE - 1
}

/** Noise of several sizes laid over each other, each half as large and `persistence` as strong as the one before. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number, persistence = 0.5): number {
  let sum = 0
  let strength = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave++) {
    sum += strength * valueNoise(x, y, seed + 0x3c6ef35f * octave)
    total += strength
    strength *= persistence
    x = 2 * x + 17.3
    y = 2 * y - 9.7
  }
  return sum / total
}
