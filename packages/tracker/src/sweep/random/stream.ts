import { normalQuantile } from '../distributions/specialFunctions.ts'
import { philox } from './philox.ts'

/** FNV-1a, 32 bits: turns the name of a stream into a word of its counter. */
function hash(text: string, basis: number): number {
  let value = basis
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

/**
 * A named stream of random numbers: the same seed, number and name always give the same sequence, whatever else was drawn.
 *
 * Sampling names its streams by trial number and parameter, so that a trial's parameters do not depend on how many agents
 * ask, in which order, or on which other parameters the sweep has.
 *
 * @example new Stream(42, 7, 'learning_rate').uniform()
 */
export class Stream {
  readonly #key: readonly [number, number]
  readonly #number: number
  readonly #name: readonly [number, number]
  #block: readonly number[] = []
  #blocks = 0
  #used = 4

  /**
   * @param seed A whole number from 0 to 2^53 - 1.
   * @param number Which trial (or step) the numbers are for: a whole number from 0 to 2^32 - 1.
   * @param name What they are for.
   */
  constructor(seed: number, number: number, name: string) {
    this.#key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0]
    this.#number = number >>> 0
    this.#name = [hash(name, 0x811c9dc5), hash(name, 0x2f0b4a37)]
  }

  /** The next random word: a whole number from 0 to 2^32 - 1. */
  word(): number {
    if (this.#used === 4) {
      this.#block = philox([this.#blocks++ >>> 0, this.#number, ...this.#name], this.#key)
      this.#used = 0
    }
    return this.#block[this.#used++]
  }

  /** A number strictly between 0 and 1, with 52 random bits. */
  uniform(): number {
    const high = this.word() >>> 6
    const low = this.word() >>> 6
    return (high * 0x4000000 + low + 0.5) / 0x10000000000000
  }

  /** A whole number from 0 to `size - 1`. */
  integer(size: number): number {
    return Math.floor(this.uniform() * size)
  }

  /** A number from the standard normal distribution. */
  normal(): number {
    return normalQuantile(this.uniform())
  }

  /** `count` different whole numbers from 0 to `size - 1`, in random order (all of them if `count` is larger). */
  subset(size: number, count: number): number[] {
    const indices = Array.from({ length: size }, (_, index) => index)
    const wanted = Math.min(count, size)
    for (let index = 0; index < wanted; index++) {
      const other = index + this.integer(size - index)
      const kept = indices[index]
      indices[index] = indices[other]
      indices[other] = kept
    }
    return indices.slice(0, wanted)
  }
}
