import { availableParallelism, cpus, totalmem } from 'node:os'
import { compile, measurePeak, rand, type Tensor, wasmFeatures } from '@trainyard/core'
import { version } from './version.ts'

/** What this machine can do, as `trainyard doctor --json` prints it. */
export interface Findings {
  readonly trainyard: string
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly simd: boolean
  readonly relaxedSimd: boolean
  readonly threads: boolean
  /** V8 joins pairs of 128-bit operations into 256-bit ones. */
  readonly revectorize: boolean
  readonly revectorizeReason: string
  /** Of one core, from the first-level cache. */
  readonly peakGflops: number
  /** A matrix product of 1024 × 1024 on all cores. */
  readonly matmulGflops: number
}

const SIZE = 1024

/** Looks at the machine and measures it, in about a second. */
export async function examine(): Promise<Findings> {
  const { simd, relaxedSimd, threads, revectorize, revectorizeReason } = wasmFeatures()
  return {
    trainyard: version,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    simd,
    relaxedSimd,
    threads,
    revectorize,
    revectorizeReason,
    peakGflops: rounded(measurePeak(100)),
    matmulGflops: rounded(await measureMatmul()),
  }
}

/** The best of several products: what others do on the machine only ever slows it down. */
async function measureMatmul(): Promise<number> {
  const [a, b] = await Promise.all([rand([SIZE, SIZE]).realize(), rand([SIZE, SIZE]).realize()])
  const product = compile((x: Tensor, y: Tensor) => x.matmul(y).sum())
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8; i++) {
    const started = performance.now()
    await (await product(a, b)).item()
    best = Math.min(best, performance.now() - started)
  }
  return (2 * SIZE ** 3) / (best * 1e6)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** The findings for a person. */
export function findingsAsText(found: Findings): string {
  const yes = (truth: boolean) => (truth ? 'yes' : 'no')
  const lines = [
    ['trainyard', found.trainyard],
    ['runtime', `Node ${found.node}, V8 ${found.v8}, ${found.platform}`],
    ['processor', found.processor],
    ['cores', `${found.cores}, ${found.memoryGiB} GiB of memory`],
    ['SIMD', `${yes(found.simd)}; relaxed (fused multiply-add) ${yes(found.relaxedSimd)}`],
    ['threads', found.threads ? `yes, ${found.cores} by default` : 'no shared memory'],
    ['256-bit', `${yes(found.revectorize)} (${found.revectorizeReason})`],
    ['peak', `${found.peakGflops} GFLOP/s on one core`],
    ['matmul', `${found.matmulGflops} GFLOP/s, ${SIZE} × ${SIZE} on all cores`],
  ]
  return lines.map(([name, value]) => `${name.padEnd(11)}${value}`).join('\n')
}
