import { Worker } from 'node:worker_threads'
import { measurePeak } from '@trainyard/core'
import type { Case } from './case.ts'

/** In a thread of its own: measures the peak as long as it is told and sends it. */
const peakWorker = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { measurePeak } = await import(workerData)
  measurePeak(1)
  parentPort.postMessage('ready')
  parentPort.on('message', (milliseconds) => parentPort.postMessage(measurePeak(milliseconds)))
`

const next = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

/** What all cores reach at once, in GFLOP/s: less than one core's times their number where they share something. */
async function peakOfAll(workers: readonly Worker[], milliseconds: number): Promise<number> {
  const others = workers.map((worker) => {
    worker.postMessage(milliseconds)
    return next(worker)
  })
  const own = measurePeak(milliseconds)
  const rates = (await Promise.all(others)) as number[]
  return rates.reduce((sum, rate) => sum + rate, own)
}

/** The register tile over data in the first-level cache: what contractions are held against. */
export const peakCases: readonly Case[] = [
  {
    name: 'peak',
    group: 'kernels',
    unit: 'GFLOP',
    repeats: 1,
    oneCore: true,
    variants: ['128-bit'],
    make: () => ({ flops: 1e9, run: async () => 1 / measurePeak(100) }),
  },
  {
    name: 'peak_all_cores',
    group: 'kernels',
    unit: 'GFLOP',
    repeats: 1,
    async make({ threads }) {
      const source = new URL(`data:text/javascript,${encodeURIComponent(peakWorker)}`)
      const core = import.meta.resolve('@trainyard/core')
      const workers = Array.from({ length: threads - 1 }, () => new Worker(source, { workerData: core }))
      await Promise.all(workers.map(next))
      for (const worker of workers) worker.unref()
      return { flops: 1e9, run: async () => 1 / (await peakOfAll(workers, 100)) }
    },
  },
]
