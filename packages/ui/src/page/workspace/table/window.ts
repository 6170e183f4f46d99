/** Which rows and columns of a big table are on screen. */
export interface Span {
  first: number
  /** Inclusive; below `first` when there is none. */
  last: number
}

/** Rows between two scroll positions, with some more on both sides so that scrolling shows no gap. */
export function rowSpan(scrollTop: number, height: number, rowHeight: number, total: number, more = 6): Span {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - more)
  const last = Math.min(total - 1, Math.ceil((scrollTop + height) / rowHeight) + more)
  return { first, last }
}

/** Columns (with their left edges) that are at least partly between two scroll positions. */
export function columnSpan(
  scrollLeft: number,
  width: number,
  widths: readonly number[],
  more = 1,
): Span & { lefts: number[] } {
  const lefts: number[] = []
  let at = 0
  let first = widths.length
  let last = -1
  for (let i = 0; i < widths.length; i++) {
    lefts.push(at)
    if (at + widths[i] > scrollLeft && at < scrollLeft + width) {
      first = Math.min(first, i)
      last = i
    }
    at += widths[i]
  }
  lefts.push(at)
  return { first: Math.max(0, first - more), last: Math.min(widths.length - 1, last + more), lefts }
}
