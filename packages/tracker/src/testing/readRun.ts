/** Reads a run as a test wants to see it. */
import { LogReader } from '../log/reader.ts'
import type { LogRecord } from '../log/records.ts'
import { RunFold } from '../log/runFold.ts'
import { pathsIn } from '../store/paths.ts'

export interface SeenRun {
  fold: RunFold
  records: LogRecord[]
  /** [step, value] by key. */
  series: { [key: string]: [number, number][] }
  console: string[]
  reader: LogReader
}

export function seeRun(dir: string, project: string, id: string): SeenRun {
  const reader = new LogReader(pathsIn(dir).run(project, id).log)
  const fold = new RunFold()
  const series = new Map<string, [number, number][]>()
  const seen: SeenRun = { fold, records: [], series: {}, console: [], reader }
  for (const entry of reader.read()) {
    fold.add(entry)
    if (entry.kind === 'record') seen.records.push(entry.record)
    else if (entry.kind === 'console') seen.console.push(...entry.lines.map((line) => line.text))
    else
      for (const { key, rows, values } of entry.rows.columns) {
        const list = series.get(entry.keys[key]) ?? []
        series.set(entry.keys[key], list)
        for (let i = 0; i < values.length; i++) list.push([entry.rows.steps[rows ? rows[i] : i], values[i]])
      }
  }
  // Also a key such as __proto__ becomes one of its own.
  seen.series = Object.fromEntries(series)
  return seen
}
