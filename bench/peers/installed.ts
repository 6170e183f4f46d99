import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PeerCommand } from './peer.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** How a peer is started, or why it cannot be. */
export interface PeerEntry {
  readonly id: string
  readonly name: string
  /** A way to run Trainyard itself: asked only for the cases that say so. */
  readonly variant?: boolean
  readonly command: (threads: number) => PeerCommand | string
}

const trainyard =
  (more: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  (threads: number): PeerCommand => ({
    command: process.execPath,
    // A later `--threads` takes the place of an earlier one.
    args: [
      '--expose-gc',
      '--conditions=trainyard-source',
      join(here, 'trainyard.ts'),
      '--threads',
      String(threads),
      ...more,
    ],
    env,
  })

const python =
  (variable: string, script: string, env: (threads: number) => Readonly<Record<string, string>> = () => ({})) =>
  (threads: number): PeerCommand | string => {
    const command = process.env[variable]
    return command ? { command, args: [join(here, script)], env: env(threads) } : `no ${variable}=/path/to/python`
  }

/** XLA knows one thread or all cores. */
const xla = (threads: number): Readonly<Record<string, string>> =>
  threads > 1 ? {} : { XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1' }

const node = (script: string) => (): PeerCommand => ({ command: process.execPath, args: [join(here, script)] })

/** What everything else is held against. */
export const own: PeerEntry = { id: 'trainyard', name: 'Trainyard', command: trainyard([]) }

export const others: readonly PeerEntry[] = [
  { id: 'pytorch', name: 'PyTorch', command: python('TRAINYARD_PYTHON', 'pytorch.py') },
  { id: 'jax', name: 'JAX', command: python('TRAINYARD_JAX_PYTHON', 'jax_cpu.py', xla) },
  { id: 'tfjs', name: 'TensorFlow.js', command: node('tfjs.ts') },
  { id: 'jaxjs', name: 'jax-js', command: node('jaxjs.ts') },
  { id: 'one-thread', name: 'one thread', variant: true, command: trainyard(['--threads', '1']) },
  { id: '128-bit', name: '128-bit vectors', variant: true, command: trainyard([], { TRAINYARD_REVECTORIZE: '0' }) },
  { id: 'strict', name: 'strict flavour', variant: true, command: trainyard(['--strict']) },
]
