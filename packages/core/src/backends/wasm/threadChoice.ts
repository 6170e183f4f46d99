/** Runs of each kind that are compared. */
const TRIAL = 8
/** Runs after which the choice is looked at again: the machine's other work comes and goes. */
const KEEP = 1000

/**
 * Chooses, run by run, whether a small program is shared out between threads or done by one. Sharing pays only while a
 * core is free: if not, every barrier waits for the scheduler. So both ways are tried and the faster is kept for a while.
 * The bits are the same either way.
 */
export class ThreadChoice {
  readonly #times: Record<'alone' | 'shared', number[]> = { alone: [], shared: [] }
  #shares = true
  #kept = 0

  /** What was last found faster; sharing, as long as nothing was tried. */
  get prefersSharing(): boolean {
    return this.#shares
  }

  /** Whether the next run is to be shared out. */
  next(): boolean {
    if (this.#kept > 0) return this.#shares
    return this.#times.alone.length >= TRIAL
  }

  /** Says how long the run took that `next` decided on. */
  took(seconds: number): void {
    if (this.#kept > 0) {
      this.#kept--
      return
    }
    const { alone, shared } = this.#times
    ;(this.next() ? shared : alone).push(seconds)
    if (shared.length < TRIAL) return
    this.#shares = median(shared) < median(alone)
    this.#kept = KEEP
    alone.length = 0
    shared.length = 0
  }
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]
}
