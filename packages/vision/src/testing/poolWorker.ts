/** A worker that does what a test asks of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { threadId, workerData } from 'node:worker_threads'
import { DataError } from '../errors.ts'
import { serve } from '../workers/serve.ts'

export interface TestJob {
  square?: number
  after?: number
  fail?: string
  exit?: boolean
  give?: number
}

serve(
  async ({ square, after, fail, exit, give }: TestJob) => {
    if (after) await sleep(after)
    if (fail) throw new DataError(`${fail}: cannot be read`, { file: fail })
    if (exit) process.exit(3)
    return {
      value: (square ?? 0) ** 2 + (workerData as { add: number }).add,
      threadId,
      bytes: new Uint8Array(give ?? 0),
    }
  },
  ({ bytes }) => [bytes.buffer],
)
