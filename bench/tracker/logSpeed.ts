/**
 * How many `log` calls of five scalars a second, and what a row costs on disk; beside it the same loop with wandb's client, offline.
 * Prints one JSON object. `node --conditions=trainyard-source bench/tracker/logSpeed.ts [calls] [python with wandb]`
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init } from '@trainyard/tracker'

const calls = Number(process.argv[2] ?? 200_000)
const python = process.argv[3]
const dir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))

interface Speed {
  calls: number
  callsPerSecond: number
  secondsWithFinish: number
  bytesPerRow: number
}

async function ours(): Promise<Speed> {
  const run = await init({ dir, project: 'speed', capture: false })
  const start = performance.now()
  for (let i = 0; i < calls; i++) run.log({ loss: 1 / (i + 1), accuracy: i / calls, lr: 0.1, grad: i * 0.5, time: i })
  const looped = (performance.now() - start) / 1000
  await run.finish()
  const total = (performance.now() - start) / 1000
  const { size } = statSync(join(run.folder, 'run.log'))
  return { calls, callsPerSecond: calls / looped, secondsWithFinish: total, bytesPerRow: size / calls }
}

const wandbLoop = `
import json, os, pathlib, sys, time
os.environ.update(WANDB_MODE="offline", WANDB_DIR=sys.argv[1], WANDB_SILENT="true", WANDB_API_KEY="x" * 40)
import wandb
calls = 20_000
run = wandb.init(project="speed", settings=wandb.Settings(x_disable_stats=True))
start = time.perf_counter()
for i in range(calls): run.log({"loss": 1 / (i + 1), "accuracy": i / calls, "lr": 0.1, "grad": i * 0.5, "time": float(i)})
looped = time.perf_counter() - start
run.finish()
total = time.perf_counter() - start
size = sum(path.stat().st_size for path in pathlib.Path(sys.argv[1]).rglob("*.wandb"))
print(json.dumps(dict(calls=calls, callsPerSecond=calls / looped, secondsWithFinish=total, bytesPerRow=size / calls, version=wandb.__version__)))
`

try {
  const trainyard = await ours()
  if (python) {
    const { stdout, stderr, status } = spawnSync(python, ['-c', wandbLoop, dir], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    const wandb = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Speed
    const times = trainyard.callsPerSecond / wandb.callsPerSecond
    console.log(JSON.stringify({ trainyard, wandb, timesAsFast: times }, null, 2))
  } else console.log(JSON.stringify({ trainyard }, null, 2))
} finally {
  rmSync(dir, { recursive: true, force: true })
}
