/** One loop of a kernel: counts from 0 to `extent` − 1. */
export interface Loop {
  readonly id: number
  readonly extent: number
}

/** A sum of loop counters times constants, plus a constant: an index or an address. */
export interface Affine {
  readonly offset: number
  readonly terms: readonly Term[]
}

export interface Term {
  readonly loop: Loop
  readonly factor: number
}

export const zero: Affine = { offset: 0, terms: [] }

export function constantAffine(offset: number): Affine {
  return { offset, terms: [] }
}

export function loopAffine(loop: Loop): Affine {
  return loop.extent === 1 ? zero : { offset: 0, terms: [{ loop, factor: 1 }] }
}

export function add(a: Affine, b: Affine): Affine {
  if (a.terms.length === 0) return { offset: a.offset + b.offset, terms: b.terms }
  const terms = [...a.terms]
  for (const term of b.terms) {
    const at = terms.findIndex(({ loop }) => loop === term.loop)
    if (at < 0) terms.push(term)
    else terms[at] = { loop: term.loop, factor: terms[at].factor + term.factor }
  }
  return { offset: a.offset + b.offset, terms: terms.filter(({ factor }) => factor !== 0) }
}

export function scale(a: Affine, factor: number): Affine {
  if (factor === 0) return zero
  if (factor === 1) return a
  return {
    offset: a.offset * factor,
    terms: a.terms.map((term) => ({ loop: term.loop, factor: term.factor * factor })),
  }
}

export function factorOf(a: Affine, loop: Loop): number {
  return a.terms.find((term) => term.loop === loop)?.factor ?? 0
}

/** Smallest and largest value. */
export function rangeOf(a: Affine): [low: number, high: number] {
  let low = a.offset
  let high = a.offset
  for (const { loop, factor } of a.terms) {
    const reach = factor * (loop.extent - 1)
    if (reach < 0) low += reach
    else high += reach
  }
  return [low, high]
}

/** A text that is equal for equal sums. */
export function affineKey(a: Affine): string {
  const terms = a.terms.map(({ loop, factor }) => `${factor}i${loop.id}`).sort()
  return [String(a.offset), ...terms].join('+')
}

/** The loops of one kernel. A loop can be replaced by two when an index has to be taken apart. */
export class LoopSet {
  #next = 0
  readonly #texts = new Map<string, string>()
  readonly #splits = new Map<Loop, { outer: Loop; inner: Loop }>()

  make(extent: number): Loop {
    return { id: this.#next++, extent }
  }

  /** A short name for a text, the same for the same text: keys of nested expressions stay short. */
  intern(text: string): string {
    let name = this.#texts.get(text)
    if (!name) this.#texts.set(text, (name = `#${this.#texts.size}`))
    return name
  }

  /** Splits a loop so that the inner part counts to `inner`; gives the same parts when asked again. */
  split(loop: Loop, inner: number): { outer: Loop; inner: Loop } | null {
    const known = this.#splits.get(loop)
    if (known) return known.inner.extent === inner ? known : null
    if (loop.extent % inner !== 0) return null
    const parts = { outer: this.make(loop.extent / inner), inner: this.make(inner) }
    this.#splits.set(loop, parts)
    return parts
  }

  /** The loops that a loop has become. */
  resolveLoop(loop: Loop): Loop[] {
    const parts = this.#splits.get(loop)
    return parts ? [...this.resolveLoop(parts.outer), ...this.resolveLoop(parts.inner)] : [loop]
  }

  /** The sum in terms of the loops as they are now. */
  resolve(a: Affine): Affine {
    if (!a.terms.some(({ loop }) => this.#splits.has(loop))) return a
    let result: Affine = constantAffine(a.offset)
    for (const { loop, factor } of a.terms) {
      const parts = this.#splits.get(loop)
      const term = parts
        ? add(scale(loopAffine(parts.outer), parts.inner.extent), loopAffine(parts.inner))
        : loopAffine(loop)
      result = add(result, scale(this.resolve(term), factor))
    }
    return result
  }

  /**
   * Takes a row-major position apart into indices along axes of the given sizes. Loops that reach across an axis are
   * split. Null where that cannot be said with sums: then the elements must be copied first.
   */
  unravel(position: Affine, sizes: readonly number[]): Affine[] | null {
    let rest = this.resolve(position)
    const indices = new Array<Affine>(sizes.length).fill(zero)
    // From the innermost axis outwards: what is a multiple of the axis' size belongs further out.
    for (let axis = sizes.length - 1; axis > 0; axis--) {
      const size = sizes[axis]
      const split = this.#divide(rest, size)
      if (!split) return null
      indices[axis] = split.remainder
      rest = split.quotient
    }
    if (sizes.length > 0) indices[0] = rest
    return indices
  }

  #divide(a: Affine, size: number): { quotient: Affine; remainder: Affine } | null {
    if (size === 1) return { quotient: a, remainder: zero }
    for (;;) {
      let remainder: Affine = constantAffine(((a.offset % size) + size) % size)
      let quotient: Affine = constantAffine(Math.floor(a.offset / size))
      let tooLarge: Term | null = null
      for (const term of a.terms) {
        if (term.factor % size === 0) {
          quotient = add(quotient, { offset: 0, terms: [{ loop: term.loop, factor: term.factor / size }] })
        } else {
          remainder = add(remainder, { offset: 0, terms: [term] })
          if (!tooLarge || term.factor * (term.loop.extent - 1) >= size) tooLarge = term
        }
      }
      const [low, high] = rangeOf(remainder)
      if (low >= 0 && high < size) return { quotient, remainder }
      // Some loop reaches over the end of the axis: split it there and look again.
      if (!tooLarge || tooLarge.factor < 0 || size % tooLarge.factor !== 0) return null
      const inner = size / tooLarge.factor
      if (inner <= 1 || inner >= tooLarge.loop.extent || !this.split(tooLarge.loop, inner)) return null
      a = this.resolve(a)
    }
  }
}
