/**
 * A smooth function through given points, read from a table: cheap enough to be asked for every pixel.
 *
 * @param points Pairs of place and value, places ascending; before the first and after the last the value stays.
 */
export function curveThrough(points: readonly (readonly [at: number, value: number])[]): (at: number) => number {
  const from = points[0][0]
  const to = points[points.length - 1][0]
  return tabulate((at) => hermite(points, at), from, to)
}

/** A function as a table over a range, linear between its entries, constant beyond the ends. */
export function tabulate(of: (at: number) => number, from: number, to: number, entries = 256): (at: number) => number {
  const table = Float64Array.from({ length: entries + 1 }, (_, index) => of(from + ((to - from) * index) / entries))
  const scale = entries / (to - from)
  return (at) => {
    const place = (at - from) * scale
    if (!(place > 0)) return table[0]
    if (place >= entries) return table[entries]
    const low = Math.floor(place)
    return table[low] + (table[low + 1] - table[low]) * (place - low)
  }
}

/** Cubic pieces whose slopes are those of the neighbours' chords, made flat at turning points so that nothing overshoots (F. Fritsch and R. Carlson, 1980). */
function hermite(points: readonly (readonly [number, number])[], at: number): number {
  let index = 0
  while (index + 2 < points.length && at > points[index + 1][0]) index += 1
  const [x0, y0] = points[index]
  const [x1, y1] = points[index + 1]
  const width = x1 - x0
  const t = Math.min(1, Math.max(0, (at - x0) / width))
  const before = slope(points, index) * width
  const after = slope(points, index + 1) * width
  const t2 = t * t
  const t3 = t2 * t
  return y0 * (2 * t3 - 3 * t2 + 1) + before * (t3 - 2 * t2 + t) + y1 * (3 * t2 - 2 * t3) + after * (t3 - t2)
}

function slope(points: readonly (readonly [number, number])[], index: number): number {
  if (index === 0 || index === points.length - 1) return 0
  const left = (points[index][1] - points[index - 1][1]) / (points[index][0] - points[index - 1][0])
  const right = (points[index + 1][1] - points[index][1]) / (points[index + 1][0] - points[index][0])
  return left * right <= 0 ? 0 : (2 * left * right) / (left + right)
}
