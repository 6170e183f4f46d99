import { TrainyardError } from '../errors.ts'
import { cos32, log32 } from '../math/index.ts'
import { threefry2x32, toUniform } from './threefry.ts'

/** What it takes to continue a generator where it stood. */
export interface GeneratorState {
  readonly seed: number
  readonly counter: number
}

/**
 * A source of random numbers with a seed and a counter. Every draw of a tensor takes one count, whatever its size.
 *
 * @example
 * ```ts
 * const generator = new Generator(7)
 * const noise = randn([2, 3], { generator })
 * ```
 */
export class Generator {
  #seed = 0
  #counter = 0

  /** @param seed An integer from 0 to 2^53. Default 0. */
  constructor(seed = 0) {
    this.manualSeed(seed)
  }

  /** Starts over with a seed. */
  manualSeed(seed: number): this {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new TrainyardError(`manualSeed: the seed must be an integer from 0 to 2^53, got ${seed}`)
    }
    this.#seed = seed
    this.#counter = 0
    return this
  }

  /** The seed it started from. */
  get seed(): number {
    return this.#seed
  }

  /** The two key words and the counter, as the random op takes them. */
  words(): [key0: number, key1: number, counter: number] {
    return [this.#seed | 0, Math.floor(this.#seed / 2 ** 32) | 0, this.#counter | 0]
  }

  /** Reserves counts for `draws` tensors and returns the words of the first of them. */
  advance(draws: number): [key0: number, key1: number, counter: number] {
    const words = this.words()
    this.#counter += draws
    return words
  }

  /** Seed and counter. Set it to continue where another generator stood. */
  get state(): GeneratorState {
    return { seed: this.#seed, counter: this.#counter }
  }

  set state({ seed, counter }: GeneratorState) {
    this.manualSeed(seed)
    if (!Number.isSafeInteger(counter) || counter < 0) {
      throw new TrainyardError(`Generator: the counter of a state must be an integer of at least 0, got ${counter}`)
    }
    this.#counter = counter
  }

  /** Uniform numbers in [0, 1) on the host: the elements a random tensor of this size drawn now would have. */
  uniform(size: number): Float32Array {
    const [key0, key1, counter] = this.advance(1)
    const elements = new Float32Array(size)
    for (let i = 0; i < size; i++) elements[i] = toUniform(threefry2x32(key0, key1, i, counter)[0])
    return elements
  }

  /** Normal numbers of mean 0 and deviation 1 on the host: the elements that `randn` of this size would have now. */
  normal(size: number): Float32Array {
    const round = Math.fround
    const radius = this.uniform(size)
    const angle = this.uniform(size)
    // Box and Muller, 1958, rounded to float32 after each operation, by functions that are the same on every engine.
    return radius.map(
      (u, i) => round(Math.sqrt(round(-2 * log32(round(1 - u))))) * cos32(round(angle[i] * round(2 * Math.PI))),
    )
  }

  /** 0, 1, …, size − 1 in random order (Fisher and Yates; the bias of 32 bits against the size is below 2⁻³² · size). */
  permutation(size: number): Int32Array {
    const [key0, key1, counter] = this.advance(1)
    const order = Int32Array.from({ length: size }, (_, i) => i)
    for (let i = size - 1; i > 0; i--) {
      const bits = threefry2x32(key0, key1, i, counter)[0] >>> 0
      const j = Math.floor((bits / 2 ** 32) * (i + 1))
      const swapped = order[i]
      order[i] = order[j]
      order[j] = swapped
    }
    return order
  }
}

/** The generator that is used where none is given. */
export const defaultGenerator = new Generator(0)

/** Seeds the default generator: everything random that is not given a generator of its own. */
export function manualSeed(seed: number): void {
  defaultGenerator.manualSeed(seed)
}
