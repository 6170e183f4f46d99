/** Makes folders of runs for the benchmarks, by the run log's own writer, with a time for every row. */
import { mkdirSync } from 'node:fs'
import type { Rows } from '../../packages/tracker/src/log/rows.ts'
import { LogWriter } from '../../packages/tracker/src/log/writer.ts'
import { pathsIn } from '../../packages/tracker/src/store/paths.ts'

export interface MadeRun {
  config: { [key: string]: string | number | boolean }
  rows: number
  metrics: string[]
}

export function makeRun(dir: string, project: string, id: string, { config, rows, metrics }: MadeRun): void {
  const paths = pathsIn(dir).run(project, id)
  mkdirSync(paths.folder, { recursive: true })
  const writer = new LogWriter(paths.log)
  const time = 1.79e9 + Number(id.replace(/\D/g, '')) * 10
  writer.record({
    type: 'start',
    time,
    project,
    run: id,
    name: `run ${id}`,
    group: null,
    jobType: null,
    tags: [],
    notes: '',
    sweep: null,
    host: 'bench',
    pid: 1,
    runtime: 0,
    step: 0,
    version: '0',
  })
  writer.record({ type: 'config', set: config })
  const keys = metrics.map((metric) => writer.addKey(metric))
  for (let from = 0; from < rows; from += 4096) {
    const count = Math.min(4096, rows - from)
    const block: Rows = {
      count,
      steps: Float64Array.from({ length: count }, (_, i) => from + i),
      times: Float64Array.from({ length: count }, (_, i) => time * 1e6 + (from + i) * 10_000),
      continues: null,
      columns: keys.map((key) => ({
        key,
        rows: null,
        values: Float64Array.from({ length: count }, (_, i) => Math.exp(-(from + i) / rows) + 0.1 * Math.random()),
      })),
    }
    writer.rows(block)
    writer.flush()
  }
  writer.record({ type: 'finish', time: time + rows / 100, state: 'finished', exitCode: 0, error: null })
  writer.close(false)
}
