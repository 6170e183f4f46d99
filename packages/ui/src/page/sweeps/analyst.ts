/** The page's end of the worker that analyses trials. */
import type { Analysis, Contour, TableOptions, TrialRow } from '@trainyard/tracker/analysis'
import type { SweepParameter, Trial } from '@trainyard/tracker/api'
import type { AnalysisReply, AnalysisRequest } from './analysis.worker.ts'

type Unnumbered = AnalysisRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

export interface WorkerLike {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent<AnalysisReply>) => void) | null
  terminate(): void
}

export class Analyst {
  #worker: WorkerLike
  #waiting = new Map<number, { resolve(reply: AnalysisReply): void; reject(reason: Error): void }>()
  #next = 1

  constructor(worker: WorkerLike) {
    this.#worker = worker
    worker.onmessage = ({ data }) => {
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if ('error' in data) waiting?.reject(new Error(data.error))
      else waiting?.resolve(data)
    }
  }

  async analyse(rows: TrialRow[], options: TableOptions): Promise<Analysis> {
    const reply = await this.#ask({ kind: 'analyse', rows, options })
    return (reply as { analysis: Analysis }).analysis
  }

  async contour(x: string, y: string): Promise<Contour> {
    const reply = await this.#ask({ kind: 'contour', x, y })
    return (reply as { contour: Contour }).contour
  }

  close(): void {
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(new DOMException('closed', 'AbortError'))
    this.#waiting.clear()
  }

  #ask(request: Unnumbered): Promise<AnalysisReply> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...request, id })
    })
  }
}

/** Trials that ended by themselves: the value of one that was cut short is no fair witness. */
export function analysisRows(trials: readonly Trial[]): TrialRow[] {
  return trials
    .filter(({ state }) => state === 'finished')
    .map(({ id, params, value }) => ({ id: String(id), parameters: params, value }))
}

/** What the sweep says about its parameters. */
export function knownParameters(parameters: readonly SweepParameter[]): NonNullable<TableOptions['known']> {
  return Object.fromEntries(
    parameters.map(({ name, kind, values, min, max, log }) => [
      name,
      kind === 'categorical' || kind === 'constant'
        ? { list: true, ...(values?.every((value) => typeof value === 'number') ? {} : { scale: 'category' as const }) }
        : {
            scale: log ? ('log' as const) : ('linear' as const),
            ...(min !== null ? { min } : {}),
            ...(max !== null ? { max } : {}),
            ...(kind === 'continuous' ? { list: false } : {}),
          },
    ]),
  )
}
