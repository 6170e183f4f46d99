/** What a case is made under: variants of Trainyard run the same cases. */
export interface Setup {
  readonly threads: number
  readonly strict: boolean
}

/** A case made ready: its networks and buffers are there. */
export interface Made {
  /** Floating-point operations of one repeat, where a rate means something. Winograd's count as the direct convolution's. */
  readonly flops?: number
  /** One repeat; each is timed and the median taken. */
  readonly call?: () => unknown
  /** For repeats that cannot be timed one by one: runs so many and gives the seconds of one. */
  readonly run?: (repeats: number) => Promise<number>
  /** More about it, in seconds: what happens beside, once a step. */
  readonly details?: Readonly<Record<string, number>>
  /** Asked after the run: bytes that the program said it needs. */
  readonly plannedBytes?: () => number
}

/** Something to be timed, here and in the peers that have a case of the same name. */
export interface Case {
  readonly name: string
  readonly group: 'models' | 'start' | 'kernels'
  /** What one repeat is. */
  readonly unit: string
  /** Repeats in one round. */
  readonly repeats: number
  /** At most so many rounds. */
  readonly rounds?: number
  /** Every round in a new process, without a repeat beforehand that is not timed. */
  readonly cold?: boolean
  /** Runs on one core; otherwise on all threads. */
  readonly oneCore?: boolean
  /** Also measured with one thread, 128-bit vectors, strict flavour: all of them, or those named. */
  readonly variants?: boolean | readonly string[]
  /** What a peer is told beside the name: the sizes of a kernel. */
  readonly request?: Readonly<Record<string, unknown>>
  make(setup: Setup): Made | Promise<Made>
}
