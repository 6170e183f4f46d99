/** Runs of each kind that are compared. */
const TRIAL = 5
/**
 * Runs for which a choice is kept: few at first, since while V8 still optimises the program it needs the other cores
 * itself; twice as many whenever a new trial confirms the choice.
 */
const LEAST_KEPT = 64
const MOST_KEPT = 2048

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
  #keep = LEAST_KEPT
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
    const shares = median(this.#shared) < this.#secondsAlone
    this.#keep = shares === this.#shares ? Math.min(2 * this.#keep, MOST_KEPT) : LEAST_KEPT
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
