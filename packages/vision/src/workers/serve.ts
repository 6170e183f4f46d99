import { builtin } from '../platform/builtin.ts'
import type { Answer, ErrorData, Question } from './protocol.ts'

/**
 * Makes this thread answer the questions of a `WorkerPool`.
 *
 * @param handle Does a job. What it throws goes back to who asked.
 * @param transfer Which buffers of a result are given away instead of copied.
 */
export function serve<Job, Result>(
  handle: (job: Job) => Result | Promise<Result>,
  transfer: (result: Result) => ArrayBuffer[] = () => [],
): void {
  const port = builtin('node:worker_threads').parentPort
  if (!port) throw new Error('serve: must be called in a worker thread')
  port.on('message', async ({ id, job }: Question) => {
    try {
      const result = await handle(job as Job)
      port.postMessage({ id, result } satisfies Answer<Result>, transfer(result))
    } catch (thrown) {
      port.postMessage({ id, error: errorData(thrown) } satisfies Answer<Result>)
    }
  })
}

function errorData(thrown: unknown): ErrorData {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown), file: undefined, stack: undefined }
  const file = 'file' in thrown && typeof thrown.file === 'string' ? thrown.file : undefined
  return { name: thrown.name, message: thrown.message, file, stack: thrown.stack }
}
