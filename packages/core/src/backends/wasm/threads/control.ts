/**
 * The control block: the first bytes of the shared memory, through which the caller and its workers talk. Words that
 * different threads write stand on cache lines of their own. Indices count 32-bit words, which are byte addresses / 4.
 */
export const control = {
  /** Counts what workers have to do; workers sleep on it. */
  epoch: 16,
  /** Workers that sleep or are about to: without any, waking is skipped. */
  idleSleepers: 17,
  /** The same two for the worker that stands in for the caller: most runs do not need it. */
  standInEpoch: 24,
  standInSleepers: 25,
  /** Messages posted to all workers; who has handled fewer goes and reads them. */
  messages: 32,
  /** Identity of the program to run, and which of its entries. */
  program: 33,
  entry: 34,
  threads: 35,
  /** 1 where thread 0 may sleep; a browser's main thread may not. */
  firstThreadMayWait: 36,
  /** 1 where a worker stands in for the caller as thread 0. */
  callerIsAway: 37,
  argumentCount: 38,
  /** Up to 16 arguments. */
  arguments: 40,
  /** Workers that have not finished the run; the caller sleeps on it. */
  remaining: 64,
  callerSleeps: 65,
  /** Barrier: threads that arrived, the generation that they wait to see change, and who sleeps on it. */
  arrived: 80,
  generation: 96,
  barrierSleepers: 97,
  /** How many of a step's last parts have been taken; 0 whenever a step begins. */
  taken: 88,
  /** Not 0 when a thread failed: 1 + its number. Everyone else leaves at the next barrier. */
  aborted: 112,
  /** Length in bytes, then the text of the first failure. */
  errorLength: 113,
  errorText: 128,
} as const

/** Bytes kept free at the start of the memory; so no pointer is ever 0. */
export const controlBytes = 4096

export const maximumArguments = 16
export const maximumErrorBytes = controlBytes - 4 * control.errorText
