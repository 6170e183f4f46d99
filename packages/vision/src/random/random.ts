import { philox4x32 } from './philox.ts'
import { cos, log, sin } from './portable.ts'

/**
 * A stream of random numbers named by a seed and up to three whole numbers. The same names give the same stream on any
 * machine, in any thread and in any order of use, which is what makes augmentation reproducible however many workers do it.
 *
 * @example
 * ```ts
 * const [seed, epoch, index] = [42, 0, 7]
 * const angle = new Random(seed, epoch, index).uniform(-10, 10)
 * console.log(angle === new Random(seed, epoch, index).uniform(-10, 10)) // true
 * ```
 */
export class Random {
  readonly #key: readonly [number, number]
  readonly #counter: Uint32Array
  readonly #block = new Uint32Array(4)
  #used = 4
  #spare: number | undefined

  constructor(seed: number, ...stream: [number?, number?, number?]) {
    for (const part of [seed, ...stream])
      if (part !== undefined && !(Number.isSafeInteger(part) && part >= 0))
        throw new RangeError(`Random: seed and stream numbers must be whole numbers from 0 up, received ${part}`)
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]
    this.#counter = Uint32Array.of(0, stream[0] ?? 0, stream[1] ?? 0, stream[2] ?? 0)
  }

  /** The next 32 random bits as a whole number. */
  bits(): number {
    if (this.#used === 4) {
      philox4x32(this.#counter, this.#key, this.#block)
      this.#counter[0] += 1
      this.#used = 0
    }
    return this.#block[this.#used++]
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  float(): number {
    return this.bits() * 2 ** -32
  }

  /** A number in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.float()
  }

  /** A whole number in [0, below). The bias of at most below / 2^32 is of no consequence for pictures and shuffles. */
  integer(below: number): number {
    return Math.floor(this.float() * below)
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** A normally distributed number (G. Box and M. Muller, 1958; two at a time). */
  normal(mean = 0, deviation = 1): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return mean + deviation * spare
    }
    const radius = Math.sqrt(-2 * log(1 - this.float()))
    const angle = 2 * Math.PI * this.float()
    this.#spare = radius * sin(angle)
    return mean + deviation * radius * cos(angle)
  }

  /**
   * A number of mean 0 and deviation 1 that is near enough to a normal one for the grain of pictures, and much quicker: four
   * random bytes, added up.
   */
  grain(): number {
    const bits = this.bits()
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24)
    return (sum - 510) / 147.79941
  }

  /** A normally distributed number, drawn again until it lies within so many deviations of the mean. */
  normalWithin(mean: number, deviation: number, deviations = 2): number {
    for (;;) {
      const value = this.normal()
      if (Math.abs(value) <= deviations) return mean + deviation * value
    }
  }

  /** The numbers 0 … count - 1 in random order (R. Fisher and F. Yates, as D. Knuth gives it). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index)
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      ;[order[last], order[other]] = [order[other], order[last]]
    }
    return order
  }
}
