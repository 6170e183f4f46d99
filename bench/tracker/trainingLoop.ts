/**
 * How much slower a training loop becomes by logging: the same computation with and without, alternating, 5 scalars a step. Prints one JSON object.
 * `node --conditions=trainyard-source bench/tracker/trainingLoop.ts [milliseconds of a step]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init } from '@trainyard/tracker'

const stepTime = Number(process.argv[2] ?? 1)
const dir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))
const x = Float64Array.from({ length: 512 }, (_, i) => Math.sin(i))
const w = new Float64Array(512)

/** Some arithmetic that the compiler cannot leave out. */
function step(rounds: number): number {
  let loss = 0
  for (let r = 0; r < rounds; r++) {
    let dot = 0
    for (let i = 0; i < 512; i++) dot += x[i] * w[i]
    loss = (dot - 1) ** 2
    for (let i = 0; i < 512; i++) w[i] -= 1e-4 * (dot - 1) * x[i]
  }
  return loss
}

/** Processor time of all threads, the writer's included: it is what the training loses, and other programs do not disturb it. */
function cpu(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

try {
  for (let i = 0; i < 200; i++) step(100)
  const calibration = cpu(() => step(20_000))
  const rounds = Math.max(1, Math.round((stepTime * 20_000) / calibration))
  const run = await init({ dir, project: 'loop' })
  const times = { without: [] as number[], with: [] as number[] }
  const steps = Math.ceil(250 / stepTime)
  for (let round = 0; round < 10; round++)
    for (const mode of ['without', 'with'] as const)
      times[mode].push(
        cpu(() => {
          for (let i = 0; i < steps; i++) {
            const loss = step(rounds)
            if (mode === 'with') run.log({ loss, accuracy: 1 - loss, lr: 0.1, grad: loss * 2, time: i })
          }
        }),
      )
  await run.finish()
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
  const [without, withLog] = [median(times.without), median(times.with)]
  console.log(JSON.stringify({ stepMilliseconds: without / steps, percentSlower: 100 * (withLog / without - 1) }))
} finally {
  rmSync(dir, { recursive: true, force: true })
}
