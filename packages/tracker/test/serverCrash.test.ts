/** What is left of the index when the server is killed while runs are written. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { init } from '@trainyard/tracker'
import { createClient } from '@trainyard/tracker/api'
import { RunIndex } from '@trainyard/tracker/server'
import { scratch } from '../src/testing/scratch.ts'

const KILLS = Number(process.env.TRAINYARD_CRASH_KILLS ?? 3)

async function startServer(dir: string): Promise<{ child: ChildProcess; base: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=trainyard-source', join(import.meta.dirname, 'serverChild.ts'), dir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, base: line.toString().trim().replace(/\/$/, '') }
}

/** Everything that the index says about runs, in a form that can be compared. */
function contents(index: RunIndex) {
  const { database } = index
  const all = (sql: string) => database.all(sql).map((row) => ({ ...row }))
  return {
    runs: all('SELECT project, run, name, state, step, rows, log_offset, fold FROM run ORDER BY run'),
    values: all(
      'SELECT run, space, c.name, number, text FROM value v JOIN run r ON r.id = v.run_id JOIN column_name c ON c.id = v.column_id ORDER BY run, space, c.name',
    ),
    metrics: all(
      'SELECT run, c.name, first, last, min, max, count FROM metric m JOIN run r ON r.id = m.run_id JOIN column_name c ON c.id = m.column_id ORDER BY run, c.name',
    ),
    chunks: all(
      'SELECT run, c.name, first, count, blocks, points FROM chunk k JOIN run r ON r.id = k.run_id JOIN column_name c ON c.id = k.metric ORDER BY run, c.name, first',
    ),
    media: all('SELECT run, key, m.step, items FROM media m JOIN run r ON r.id = m.run_id ORDER BY run, key, m.step'),
    console: all('SELECT run, line, text FROM console c JOIN run r ON r.id = c.run_id ORDER BY run, line'),
    alerts: all('SELECT run, title FROM alert a JOIN run r ON r.id = a.run_id ORDER BY run, a.id'),
  }
}

test(`the server killed ${KILLS} times while runs are written indexes everything once, as if it had never been`, async (t) => {
  const dir = scratch(t)
  const runs = await Promise.all(
    ['a', 'b', 'c'].map((id) => init({ dir, project: 'p', id, capture: false, config: { id } })),
  )
  let step = 0
  const logging = setInterval(() => {
    for (const run of runs) {
      for (let i = 0; i < 300; i++) run.log({ x: step + i, y: Math.sin(step + i) }, { step: step + i })
      run.log({ y: -1, note: `at ${step}` }, { step: step + 299 })
      if (step % 3000 === 0) run.alert({ title: `alert ${step}` })
    }
    step += 300
  }, 20)
  for (let kill = 0; kill < KILLS; kill++) {
    const { child } = await startServer(dir)
    await sleep(Math.random() * 800)
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  clearInterval(logging)
  for (const run of runs) await run.finish()
  const { child, base } = await startServer(dir)
  const client = createClient({ base })
  for (let i = 0; i < 400; i++) {
    const { rows } = await client.call('queryRuns', { project: 'p', body: { columns: ['count.x'] } })
    if (rows.length === 3 && rows.every((row) => row.state === 'finished' && row.values[0] === step)) break
    await sleep(25)
  }
  child.kill('SIGKILL')
  await once(child, 'close')
  const grown = new RunIndex(dir)
  grown.refresh()
  const other = join(scratch(t), 'copy')
  cpSync(join(dir, 'projects'), join(other, 'projects'), { recursive: true })
  const anew = new RunIndex(other, { rebuild: true })
  anew.refresh()
  const [one, two] = [contents(grown), contents(anew)]
  grown.close()
  anew.close()
  assert.equal(one.runs.length, 3)
  for (const part of Object.keys(one) as (keyof typeof one)[]) {
    assert.equal(one[part].length, two[part].length, part)
    assert.deepEqual(one[part], two[part], part)
  }
  const count = one.metrics.find((metric) => metric.run === 'a' && metric.name === 'x')
  assert.equal(count?.count, step)
})
