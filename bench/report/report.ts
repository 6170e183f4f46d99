/** What one run of the benchmark found: its JSON. */
export interface Report {
  readonly date: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryBytes: number
    readonly system: string
  }
  /** Programs that were running or waiting when it began, on average over a minute: above 1 the figures are provisional. */
  readonly loadBefore: number
  readonly node: string
  readonly rounds: number
  readonly threads: number
  readonly trainyard: { readonly version: string; readonly revectorize: boolean; readonly flavour: string }
  /** Versions of the peers that ran, by name. */
  readonly peers: Readonly<Record<string, string>>
  /** Why others did not. */
  readonly absent: Readonly<Record<string, string>>
  readonly cases: readonly CaseReport[]
}

export interface Figure {
  /** Median over the rounds of the seconds of one repeat. */
  readonly seconds: number
  readonly gflops?: number
  /** Part of the micro-kernel's peak on as many cores, measured just before in the same process. */
  readonly shareOfPeak?: number
  readonly note?: string
  readonly details?: Readonly<Record<string, number>>
  readonly plannedBytes?: number
  readonly peakBytes?: number
}

export interface CaseReport extends Figure {
  readonly name: string
  readonly group: string
  readonly unit: string
  readonly beside: readonly BesideReport[]
}

export interface BesideReport extends Partial<Figure> {
  readonly name: string
  readonly variant: boolean
  /** Their seconds by ours: the median over the rounds. Above 1 Trainyard is faster. */
  readonly ratio?: number
}
