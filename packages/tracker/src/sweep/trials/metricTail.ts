import { LogReader } from '../../log/reader.ts'
import type { FinishRecord } from '../../log/records.ts'
import type { Rows } from '../../log/rows.ts'
import { type MetricSummary, summarise } from '../search/trial.ts'

/**
 * Follows one metric through the run log of a trial, reading only what was added since the last time. The log is the truth:
 * what an agent forgot to report, or could not, is in it.
 */
export class MetricTail {
  readonly #reader: LogReader
  readonly #metric: string | undefined
  /** Every value, one per row that has it, in the order in which they were logged. */
  readonly values: number[] = []
  /** The names of all metrics it logged. */
  readonly names = new Set<string>()
  /** How the run ended, if it did. */
  finish?: FinishRecord
  #summary?: number
  #row = -1
  #lastRow = -1

  constructor(log: string, metric: string | undefined) {
    this.#reader = new LogReader(log)
    this.#metric = metric
  }

  /** Reads on. A log that is not there (yet), or cannot be read, has nothing to add. */
  read(): void {
    try {
      for (const entry of this.#reader.read()) {
        if (entry.kind === 'rows') this.#rows(entry)
        else if (entry.kind === 'record') {
          const { record } = entry
          if (record.type === 'finish') this.finish = record
          else if (record.type === 'start') this.finish = undefined
          else if (record.type === 'summary' && this.#metric !== undefined) {
            const value = record.set[this.#metric]
            if (typeof value === 'number') this.#summary = value
          }
        }
      }
    } catch {
      // The next heartbeat tries again.
    }
  }

  #rows({ rows, keys }: { rows: Rows; keys: readonly string[] }): void {
    // A row may be logged in several calls: those after the first continue it, and replace its values.
    const rowOf = new Float64Array(rows.count)
    for (let index = 0; index < rows.count; index++) {
      if (!rows.continues?.[index] || this.#row < 0) this.#row++
      rowOf[index] = this.#row
    }
    for (const column of rows.columns) {
      this.names.add(keys[column.key])
      if (keys[column.key] !== this.#metric) continue
      column.values.forEach((value, index) => {
        const row = rowOf[column.rows ? column.rows[index] : index]
        if (row === this.#lastRow) this.values[this.values.length - 1] = value
        else this.values.push(value)
        this.#lastRow = row
      })
    }
  }

  /** The extremes of history and summary together, by wandb's rule, and the last value that was logged. */
  get metric(): MetricSummary | undefined {
    const history = summarise(this.values)
    if (this.#summary === undefined || !Number.isFinite(this.#summary)) return history
    const all = summarise([...this.values, this.#summary])
    return all && history ? { ...all, last: history.last } : all
  }
}
