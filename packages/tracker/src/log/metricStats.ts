/** First, last, least, greatest, mean and number of the values of one key, also where the latest value is replaced. */
export class MetricStats {
  first = Number.NaN
  last = Number.NaN
  /** Of the finite values. */
  count = 0
  nonFinite = 0
  private min_ = Infinity
  private max_ = -Infinity
  private sum_ = 0
  /** Whether there is a last value, which is not yet part of the fields above. */
  private open = false

  /** @param replaces The value takes the place of the one before it. */
  add(value: number, replaces = false): void {
    if (!replaces) this.fold()
    if (!this.open && this.points === 0) this.first = value
    else if (replaces && this.points === 1) this.first = value
    this.last = value
    this.open = true
  }

  private fold(): void {
    if (!this.open) return
    this.open = false
    const value = this.last
    if (Number.isFinite(value)) {
      this.count++
      this.sum_ += value
      if (value < this.min_) this.min_ = value
      if (value > this.max_) this.max_ = value
    } else this.nonFinite++
  }

  /** All values, whether finite or not. */
  get points(): number {
    return this.count + this.nonFinite + (this.open ? 1 : 0)
  }

  /** The finite values in one number, as of now; null where there are none. */
  aggregate(): { min: number; max: number; mean: number; count: number } | null {
    const extra = this.open && Number.isFinite(this.last) ? 1 : 0
    const count = this.count + extra
    if (count === 0) return null
    const last = extra === 1 ? this.last : 0
    return {
      min: extra === 1 ? Math.min(this.min_, last) : this.min_,
      max: extra === 1 ? Math.max(this.max_, last) : this.max_,
      mean: (this.sum_ + last) / count,
      count,
    }
  }

  /** For the index and across threads: everything in one list. */
  save(): number[] {
    return [this.first, this.last, this.count, this.nonFinite, this.min_, this.max_, this.sum_, this.open ? 1 : 0]
  }

  /** @param saved Numbers, or the texts that JSON makes of those that are not finite. */
  static restore(saved: ArrayLike<number | string>): MetricStats {
    const stats = new MetricStats()
    stats.first = Number(saved[0])
    stats.last = Number(saved[1])
    stats.count = Number(saved[2])
    stats.nonFinite = Number(saved[3])
    stats.min_ = Number(saved[4])
    stats.max_ = Number(saved[5])
    stats.sum_ = Number(saved[6])
    stats.open = Number(saved[7]) === 1
    return stats
  }
}
