/**
 * Sees Ctrl-C while the training thread never lets its event loop run. Handlers of `process.on('SIGINT')` wait for that loop; `breakOnSigint` of
 * node:vm has a thread of its own, and ends the script that runs here, whichever thread is busy.
 */
import { runInNewContext } from 'node:vm'
import { workerData } from 'node:worker_threads'
import { Interruption } from './interrupt.ts'

/** Seconds to write the end of the runs, before the process dies all the same. */
const PATIENCE = 5

const state = new Int32Array(workerData as SharedArrayBuffer)

for (;;) {
  const armed = Atomics.load(state, Interruption.armed)
  try {
    runInNewContext('wait()', { wait: () => Atomics.wait(state, Interruption.armed, armed) }, { breakOnSigint: true })
  } catch {
    break
  }
}
Atomics.store(state, Interruption.seen, 1)
Atomics.wait(state, Interruption.written, 0, PATIENCE * 1000)
// Nobody catches it any more: the process ends as a shell expects it of one that was interrupted.
process.kill(process.pid, 'SIGINT')
