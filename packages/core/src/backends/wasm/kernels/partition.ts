/** Several pieces of one length, one after the other. */
export interface Segment {
  readonly length: number
  readonly count: number
  /** Where the first piece starts. */
  readonly start: number
}

/**
 * Cuts a length into as few pieces of at most `most` as possible, all equal or one shorter, so that no tiny remainder
 * is left: 11 by 6 gives 6 + 5, 64 by 6 gives 9 × 6 + 2 × 5.
 */
export function cutEvenly(length: number, most: number): readonly Segment[] {
  if (length <= 0) return []
  const count = Math.ceil(length / most)
  const short = Math.floor(length / count)
  const longCount = length - short * count
  const segments = [
    { length: short + 1, count: longCount, start: 0 },
    { length: short, count: count - longCount, start: (short + 1) * longCount },
  ]
  return segments.filter((segment) => segment.count > 0)
}

/** Columns computed together: `vectors` × 4 of them, of which the last panel may use fewer. */
export interface Panel {
  readonly vectors: number
  readonly columns: number
  readonly count: number
  /** First column of the first such panel. */
  readonly start: number
}

/** Cuts columns into panels of `vectors` vectors, and a narrower one for the rest. */
export function cutPanels(columns: number, vectors: number): readonly Panel[] {
  const width = 4 * vectors
  const full = Math.floor(columns / width)
  const rest = columns - full * width
  const panels: Panel[] = []
  if (full > 0) panels.push({ vectors, columns: width, count: full, start: 0 })
  if (rest > 0) panels.push({ vectors: Math.ceil(rest / 4), columns: rest, count: 1, start: full * width })
  return panels
}

/** Blocks of equal length, and a last one that may be shorter. */
export interface Blocks {
  readonly length: number
  readonly count: number
  readonly lastLength: number
}

/**
 * Cuts a length into blocks of at most `most`, of about equal size and multiples of `step`. Where possible they divide
 * the length, so that the last block needs no code of its own; for that a block may fall short of a multiple of `step`
 * by the fraction `waste`.
 */
export function cutBlocks(length: number, most: number, step: number, waste = 0): Blocks {
  const least = Math.ceil(length / most)
  const roundUp = (value: number): number => Math.ceil(value / step) * step
  for (let count = least; count <= Math.min(length, least + Math.ceil(least / 4)); count++) {
    const each = length / count
    if (Number.isInteger(each) && each >= roundUp(each) * (1 - waste)) return { length: each, count, lastLength: each }
  }
  const each = Math.min(length, roundUp(length / least))
  const count = Math.ceil(length / each)
  return { length: each, count, lastLength: length - (count - 1) * each }
}
