/** A trial in a plot. */
export interface Dot {
  /** Pixels of the plot. */
  readonly x: number
  readonly y: number
  readonly run: string | null
  readonly title: string
  readonly class?: string
  readonly fill?: string
}

/** More dots than this hide each other, and cost the page its pace: of more trials a fair sample is drawn. */
export const MOST_DOTS = 2000

/** The indices of the dots that are drawn, spread evenly. */
export function drawn(count: number): number[] {
  const many = Math.min(count, MOST_DOTS)
  return Array.from({ length: many }, (_, index) => Math.floor((index * count) / many))
}

/** How a caption says that not all are drawn: ` (2,000 of 10,000 drawn)`, or nothing. */
export const drawnText = (count: number): string =>
  count > MOST_DOTS ? ` (${MOST_DOTS.toLocaleString('en')} of ${count.toLocaleString('en')} drawn)` : ''
