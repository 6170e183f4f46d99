/** Joins points into buckets no narrower than a pixel. Boundaries are multiples of a power of two: they stay while a run grows or a person zooms. */

export interface Buckets {
  /** Index of the first point of each bucket. */
  starts: number[]
  /** Of the first point of each. */
  x: number[]
  /** Mean of the finite values of the line, null where there are none. */
  y: (number | null)[]
  /** Of the unsmoothed values. */
  min: (number | null)[]
  max: (number | null)[]
  raw: (number | null)[]
}

export const emptyBuckets = (): Buckets => ({ starts: [], x: [], y: [], min: [], max: [], raw: [] })

const orNull = (value: number) => (Number.isFinite(value) ? value : null)

/** The smallest power of two that cuts an extent into at most so many pieces. */
export function bucketWidth(extent: number, pixels: number): number {
  if (!(extent > 0)) return 1
  return 2 ** Math.ceil(Math.log2(extent / pixels))
}

/** Every point as a bucket of its own. */
export function eachPoint(
  x: ArrayLike<number>,
  raw: ArrayLike<number>,
  line: ArrayLike<number>,
  count: number,
  base: number,
): Buckets {
  const out = emptyBuckets()
  for (let i = 0; i < count; i++) {
    out.starts.push(base + i)
    out.x.push(x[i])
    out.y.push(orNull(line[i]))
    const value = orNull(raw[i])
    out.min.push(value)
    out.max.push(value)
    out.raw.push(value)
  }
  return out
}

/** Gathers one bucket after the other. */
class Gatherer {
  readonly out = emptyBuckets()
  private min = Infinity
  private max = -Infinity
  private sum = 0
  private count = 0
  private lineSum = 0
  private lineCount = 0
  private open = false

  begin(start: number, x: number): void {
    this.end()
    this.out.starts.push(start)
    this.out.x.push(x)
    this.open = true
    this.min = Infinity
    this.max = -Infinity
    this.sum = this.count = this.lineSum = this.lineCount = 0
  }

  point(raw: number, line: number): void {
    if (Number.isFinite(raw)) {
      if (raw < this.min) this.min = raw
      if (raw > this.max) this.max = raw
      this.sum += raw
      this.count++
    }
    if (Number.isFinite(line)) {
      this.lineSum += line
      this.lineCount++
    }
  }

  block(min: number, max: number, sum: number, finite: number): void {
    if (min < this.min) this.min = min
    if (max > this.max) this.max = max
    this.sum += sum
    this.count += finite
    this.lineSum += sum
    this.lineCount += finite
  }

  end(): void {
    if (!this.open) return
    this.open = false
    const { out } = this
    out.y.push(this.lineCount > 0 ? mean(this.lineSum, this.lineCount) : null)
    out.min.push(orNull(this.min))
    out.max.push(orNull(this.max))
    out.raw.push(this.count > 0 ? Math.min(this.max, Math.max(this.min, mean(this.sum, this.count))) : null)
  }
}

const mean = (sum: number, count: number) => sum / count

/** Buckets of a width along x; x must ascend. */
export function bucketPoints(
  x: ArrayLike<number>,
  raw: ArrayLike<number>,
  line: ArrayLike<number>,
  count: number,
  base: number,
  width: number,
): Buckets {
  const gatherer = new Gatherer()
  let bucket = Number.NaN
  for (let i = 0; i < count; i++) {
    const at = Math.floor(x[i] / width)
    if (at !== bucket) {
      bucket = at
      gatherer.begin(base + i, x[i])
    }
    gatherer.point(raw[i], line[i])
  }
  gatherer.end()
  return gatherer.out
}

/** Buckets of so many points, where x does not ascend. */
export function bucketByCount(
  x: ArrayLike<number>,
  raw: ArrayLike<number>,
  line: ArrayLike<number>,
  count: number,
  stride: number,
): Buckets {
  const gatherer = new Gatherer()
  for (let i = 0; i < count; i++) {
    if (i % stride === 0) gatherer.begin(i, x[i])
    gatherer.point(raw[i], line[i])
  }
  gatherer.end()
  return gatherer.out
}

/** Buckets of a width made of digests; a digest belongs to the bucket of its first point. */
export function bucketBlocks(
  count: number,
  xOf: (block: number) => number,
  digest: (block: number) => { min: number; max: number; sum: number; finite: number },
  startOf: (block: number) => number,
  width: number,
): Buckets {
  const gatherer = new Gatherer()
  let bucket = Number.NaN
  for (let i = 0; i < count; i++) {
    const x = xOf(i)
    const at = Math.floor(x / width)
    if (at !== bucket) {
      bucket = at
      gatherer.begin(startOf(i), x)
    }
    const { min, max, sum, finite } = digest(i)
    gatherer.block(min, max, sum, finite)
  }
  gatherer.end()
  return gatherer.out
}
