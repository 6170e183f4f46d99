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
  const seen: SeenRun = { fold, records: [], series: {}, console: [], reader }
  for (const entry of reader.read()) {
    fold.add(entry)
    if (entry.kind === 'record') seen.records.push(entry.record)
    else if (entry.kind === 'console') seen.console.push(...entry.lines.map((line) => line.text))
    else
      for (const { key, rows, values } of entry.rows.columns) {
        const list = (seen.series[entry.keys[key]] ??= [])
        for (let i = 0; i < values.length; i++) list.push([entry.rows.steps[rows ? rows[i] : i], values[i]])
      }
  }
  return seen
}
