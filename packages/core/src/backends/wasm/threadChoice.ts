/** Runs of each kind that are compared. */
const TRIAL = 5
/** What trials may cost: this share of the time. */
const MOST_COST = 0.02
/**
 * Runs for which a choice is kept at first, since while V8 still optimises the program it needs the other cores itself; up
 * to twice as many whenever a trial confirms it.
 */
const FIRST_KEPT = 64

/**
 * Chooses, run by run, whether a small program is shared out between threads or done by one. Sharing pays only while a
 * core is free: if not, every barrier waits for the scheduler. So both ways are tried and the faster is kept for a while;
 * sharing only as long as it stays faster. The bits are the same either way.
 */
export class ThreadChoice {
  /** Times of the present trial. */
  readonly #alone: number[] = []
  readonly #shared: number[] = []
  #shares = true
  /** Runs until the next trial, and how many there are between trials. */
  #left = 0
  #keep = FIRST_KEPT
  /** What one thread needed in the last trial, and the times of the last shared runs since. */
  #secondsAlone = 0
  readonly #recent: number[] = []

  /** Whether the next run is to be shared out. */
  next(): boolean {
    if (this.#left > 0) return this.#shares
    return this.#alone.length >= TRIAL
  }

  /** Says how long the run took that `next` decided on. */
  took(seconds: number): void {
    if (this.#left > 0) this.#watch(seconds)
    else this.#try(seconds)
  }

  #try(seconds: number): void {
    const times = this.next() ? this.#shared : this.#alone
    times.push(seconds)
    if (this.#shared.length < TRIAL) return
    this.#secondsAlone = median(this.#alone)
    const secondsShared = median(this.#shared)
    const shares = secondsShared < this.#secondsAlone
    // A close race is run again soon, since it costs little; a way that is much slower seldom.
    const [best, others] = shares ? [secondsShared, this.#alone] : [this.#secondsAlone, this.#shared]
    const cost = others.reduce((sum, time) => sum + Math.max(0, time - best), 0)
    const affordable = Math.ceil(cost / (MOST_COST * best))
    const wanted = shares === this.#shares ? 2 * this.#keep : FIRST_KEPT
    this.#keep = Math.max(FIRST_KEPT, Math.min(wanted, affordable))
    this.#left = this.#keep
    this.#shares = shares
    this.#alone.length = 0
    this.#shared.length = 0
    this.#recent.length = 0
  }

  /** Ends the keeping early when shared runs have become slower than one thread was: a core is no longer free. */
  #watch(seconds: number): void {
    this.#left--
    if (!this.#shares) return
    this.#recent.push(seconds)
    if (this.#recent.length < TRIAL) return
    if (median(this.#recent) > this.#secondsAlone) this.#left = 0
    this.#recent.length = 0
  }
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]
}
