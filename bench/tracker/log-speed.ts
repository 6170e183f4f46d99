/**
 * How many `log` calls of five scalars a second, and what a row costs on disk: the same loop as `shared/peers/wandb_speed.py`.
 * Prints one JSON object. `node --conditions=trainyard-source bench/tracker/log-speed.ts [calls]`
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init } from '@trainyard/tracker'

const calls = Number(process.argv[2] ?? 200_000)
const dir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))
try {
  const run = await init({ dir, project: 'speed', capture: false })
  const start = performance.now()
  for (let i = 0; i < calls; i++) run.log({ loss: 1 / (i + 1), accuracy: i / calls, lr: 0.1, grad: i * 0.5, time: i })
  const looped = performance.now() - start
  await run.finish()
  const total = performance.now() - start
  const { size } = statSync(join(run.folder, 'run.log'))
  console.log(
    JSON.stringify({
      calls,
      callsPerSecond: Math.round((calls / looped) * 1000),
      secondsWithFinish: total / 1000,
      bytesPerRow: size / calls,
    }),
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}
