/**
 * What the server costs: 5 million points in 50 runs (index made, then first chart after a cold start), and 10,000 runs in the table.
 * Prints one JSON object. `node --conditions=trainyard-source bench/tracker/serverSpeed.ts [points|table]`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@trainyard/tracker/api'
import { RunIndex } from '@trainyard/tracker/server'
import { makeRun } from './makeRuns.ts'

const parts = process.argv[2] ? [process.argv[2]] : ['points', 'table']
const report: { [name: string]: number } = {}
const dir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  report[name] = Math.round(performance.now() - start)
  return result
}

/** Starts the server as a process of its own, and waits until it answers. */
async function startServer() {
  const program = `
    import { serve } from '@trainyard/tracker/server'
    const server = await serve({ dir: ${JSON.stringify(dir)}, port: 0 })
    console.log(server.url)`
  const child = spawn(
    process.execPath,
    ['--conditions=trainyard-source', '--no-warnings', '--input-type=module-typescript', '-e', program],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname },
  )
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, client: createClient({ base: line.toString().trim().replace(/\/$/, '') }) }
}

/** Processor time that a process has used, in milliseconds: what another program on the machine does not change. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const memory = (pid: number) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

try {
  if (parts.includes('points')) {
    const runs = Array.from({ length: 50 }, (_, i) => `r${i}`)
    for (const id of runs) makeRun(dir, 'points', id, { config: {}, rows: 20_000, metrics: ['a', 'b', 'c', 'd', 'e'] })
    await timed('5M points: index, ms', () => {
      const index = new RunIndex(dir)
      index.refresh()
      index.close()
    })
    const series = runs.map((run) => ({ run, metric: 'a' }))
    const ask = (body: object) => ({ project: 'points', body: { series, pixels: 1000, ...body } })
    const started = performance.now()
    const { child, client } = await startServer()
    const up = performance.now()
    const first = await client.call('querySeries', ask({}))
    report['5M points: cold start until it listens, ms'] = Math.round(up - started)
    report['5M points: cold start until the first chart, ms'] = Math.round(performance.now() - started)
    report['5M points: processor time of the server until then, ms'] = processorTime(child.pid!)
    report['5M points: bytes of the first chart'] = JSON.stringify(first).length
    const cursors = runs.map((run, i) => ({ run, metric: 'a', cursor: first.series[i].cursor }))
    await timed('5M points: the same with cursors, ms', () => client.call('querySeries', ask({ series: cursors })))
    await timed('5M points: zoom to 500 steps, ms', () => client.call('querySeries', ask({ range: [9000, 9500] })))
    await timed('5M points: smoothed chart, ms', () =>
      client.call('querySeries', ask({ smoothing: { kind: 'time-weighted-ema', weight: 0.9 } })),
    )
    await timed('5M points: smoothed again, ms', () =>
      client.call('querySeries', ask({ smoothing: { kind: 'time-weighted-ema', weight: 0.9 } })),
    )
    await timed('5M points: mean and band of 50 runs, ms', () =>
      client.call('queryAggregate', { project: 'points', body: { metric: 'b', groups: [{ key: 'all', runs }] } }),
    )
    for (const metric of ['b', 'c', 'd', 'e'])
      await client.call(
        'querySeries',
        ask({ series: runs.map((run) => ({ run, metric })), smoothing: { kind: 'ema', weight: 0.9 } }),
      )
    report['5M points: peak memory after five smoothed charts, MB'] = Math.round(memory(child.pid!))
    child.kill()
    await once(child, 'close')
  }
  if (parts.includes('table')) {
    for (let i = 0; i < 10_000; i++) {
      const config: { [key: string]: string | number } = {}
      for (let key = 0; key < 15; key++) config[`p${key}`] = key % 3 === 0 ? `choice ${(i * 7) % 5}` : Math.random()
      makeRun(dir, 'table', `t${i}`, { config, rows: 20, metrics: ['loss', 'accuracy', 'f1', 'lr'] })
    }
    await timed('10,000 runs: index, ms', () => {
      const index = new RunIndex(dir)
      index.refresh()
      index.close()
    })
    const started = performance.now()
    const { child, client } = await startServer()
    const columns = ['config.p0', 'config.p1', 'summary.loss', 'min.loss', 'max.accuracy', 'mean.f1']
    const ask = (body: object) => client.call('queryRuns', { project: 'table', body: { columns, limit: 100, ...body } })
    await ask({})
    report['10,000 runs: cold start until the first page, ms'] = Math.round(performance.now() - started)
    report['10,000 runs: processor time of the server until then, ms'] = processorTime(child.pid!)
    await timed('10,000 runs: next page, ms', () => ask({ offset: 5000 }))
    await timed('10,000 runs: sort by a metric, ms', () => ask({ sort: [{ column: 'min.loss' }] }))
    await timed('10,000 runs: sort by config, ms', () => ask({ sort: [{ column: 'config.p1', descending: true }] }))
    await timed('10,000 runs: filter, ms', () =>
      ask({ where: 'config.p1 < 0.5 and summary.loss < 0.6 and config.p0 == "choice 2"' }),
    )
    await timed('10,000 runs: filter and sort, ms', () =>
      ask({ where: 'config.p1 < 0.5', sort: [{ column: 'max.accuracy', descending: true }] }),
    )
    await timed('10,000 runs: search, ms', () => ask({ search: '999' }))
    await timed('10,000 runs: groups, ms', () =>
      client.call('queryGroups', { project: 'table', body: { groupBy: ['config.p0'], columns } }),
    )
    await timed('10,000 runs: columns, first, ms', () => client.call('queryColumns', { project: 'table', body: {} }))
    await timed('10,000 runs: metrics, ms', () => client.call('queryMetrics', { project: 'table', body: {} }))
    await timed('10,000 runs: whole columns for 8 axes, ms', () =>
      client.call('queryRunColumns', { project: 'table', body: { columns: [...columns, 'config.p2', 'config.p4'] } }),
    )
    report['10,000 runs: peak memory, MB'] = Math.round(memory(child.pid!))
    child.kill()
    await once(child, 'close')
  }
  console.log(JSON.stringify(report, null, 2))
} finally {
  rmSync(dir, { recursive: true, force: true })
}
