/** Ctrl-C: the runs of the process end as stopped, and then the signal has its way. A program's own handler goes first, and alone. */
import { Worker } from 'node:worker_threads'

/** What the threads tell each other, as indices of Int32 numbers in shared memory. */
export const Interruption = {
  /** Counts how often the watching thread has to take the signal anew. */
  armed: 0,
  /** 1: Ctrl-C was pressed. The writer thread looks here in every tick. */
  seen: 1,
  /** 1: the ends of all runs are written. */
  written: 2,
} as const

/** Watches for Ctrl-C from now on, wherever the program has no handler. @returns the shared state, for the writer thread. */
export function watchInterrupt(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(12)
  const state = new Int32Array(memory)
  let started = false
  const arm = () => {
    if (process.listenerCount('SIGINT') > 0) return
    if (started) {
      // A handler that came and went has taken the signal away from the thread: it takes it back.
      Atomics.add(state, Interruption.armed, 1)
      Atomics.notify(state, Interruption.armed)
      return
    }
    started = true
    const source = import.meta.url.endsWith('.ts') ? './interruptThread.ts' : './interruptThread.js'
    const thread = new Worker(new URL(source, import.meta.url), { name: 'trainyard-interrupt', workerData: memory })
    thread.unref()
    // Without it Ctrl-C ends the program as it always did.
    thread.on('error', () => {})
  }
  process.on('removeListener', (event) => {
    if (event === 'SIGINT') arm()
  })
  arm()
  return memory
}
