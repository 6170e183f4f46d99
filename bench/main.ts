/**
 * Trainyard beside its peers on this machine: `npm run bench [-- words] [-- --rounds N] [--threads N] [--json]`.
 *
 * Each round runs every case once here and once in every peer, in turn, so that whatever else the machine does meets
 * both; a figure is the median of the rounds, a ratio the median of the rounds' ratios. Peers run where they are
 * installed: PyTorch by TRAINYARD_PYTHON=/path/to/python, JAX by TRAINYARD_JAX_PYTHON, TensorFlow.js and jax-js after
 * `npm install --prefix bench`.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { createWasmBackend, useBackend } from '@trainyard/core'
import { measurePeak, wasmFeatures } from '../packages/core/src/backends/wasm/features/index.ts'
import { cases } from './models/cases.ts'
import { type Peer, startPeer } from './peers/peer.ts'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const threads = Number(options.threads)
process.env.OMP_NUM_THREADS = String(threads)

async function startPeers(): Promise<Peer[]> {
  const python = (variable: string, script: string, name: string): Promise<Peer | null> => {
    const path = process.env[variable]
    return path ? startPeer(name, path, [join(here, 'peers', script)]) : Promise.resolve(null)
  }
  const node = (script: string, name: string): Promise<Peer | null> =>
    startPeer(name, process.execPath, [join(here, 'peers', script)])
  const peers = await Promise.all([
    python('TRAINYARD_PYTHON', 'pytorch.py', 'PyTorch'),
    python('TRAINYARD_JAX_PYTHON', 'jax.py', 'JAX'),
    node('tfjs.ts', 'TensorFlow.js'),
    node('jaxjs.ts', 'jax-js'),
  ])
  return peers.filter((peer) => peer !== null)
}

const middle = (list: number[]): number => list.sort((a, b) => a - b)[list.length >> 1]

function formatSeconds(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`
  return seconds < 1 ? `${(seconds * 1e3).toFixed(2)} ms` : `${seconds.toFixed(2)} s`
}

useBackend(await createWasmBackend({ threads }))
const features = wasmFeatures()
const peers = await startPeers()
const peak = measurePeak(100)
const report = {
  node: process.version,
  threads,
  revectorize: features.revectorize,
  peakGflops: peak,
  rounds,
  peers: Object.fromEntries(peers.map(({ name, version }) => [name, version])),
  cases: [] as object[],
}
const log = (text: string): void => void process.stderr.write(`${text}\n`)
log(
  `Node ${process.version}, ${threads} threads, ${features.revectorize ? '256' : '128'}-bit vectors, peak ${peak.toFixed(0)} GFLOP/s a core`,
)
log(`peers: ${peers.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none installed'}`)

for (const [name, make] of Object.entries(cases)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const own = await make()
  await own.run(Math.max(1, own.repeats >> 2))
  const times: number[] = []
  const others = new Map<Peer, number[]>()
  const ratios = new Map<Peer, number[]>()
  for (let round = 0; round < (name === 'cnn_epoch' ? Math.min(3, rounds) : rounds); round++) {
    const seconds = await own.run(own.repeats)
    times.push(seconds)
    for (const peer of peers) {
      const theirs = await peer.run(name, own.repeats)
      if (theirs === null) continue
      others.set(peer, [...(others.get(peer) ?? []), theirs])
      ratios.set(peer, [...(ratios.get(peer) ?? []), theirs / seconds])
    }
  }
  const seconds = middle(times)
  const comparison = [...others].map(([peer, list]) => ({
    peer: peer.name,
    seconds: middle(list),
    ratio: middle(ratios.get(peer)!),
  }))
  const share = own.flops && own.flops / seconds / 1e9 / (peak * threads)
  report.cases.push({ name, unit: own.unit, seconds, shareOfPeak: share, peers: comparison })
  const columns = comparison.map(
    ({ peer, seconds: theirs, ratio }) =>
      `${peer} ${formatSeconds(theirs)} ${styleText(ratio >= 1 ? 'green' : 'red', `${ratio.toFixed(2)}×`)}`,
  )
  log(
    [
      name.padEnd(11),
      formatSeconds(seconds).padStart(9),
      share ? `${(100 * share).toFixed(0)} % of peak` : '',
      ...columns,
    ].join('  '),
  )
}
for (const peer of peers) peer.close()
if (options.json) console.log(JSON.stringify(report, null, 2))
process.exit()
