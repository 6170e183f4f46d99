import type { Worker } from 'node:worker_threads'
import { DataError } from '../errors.ts'
import { builtin } from '../platform/builtin.ts'
import type { Answer, ErrorData, Question } from './protocol.ts'

interface Pending<Result> {
  question: Question
  resolve: (result: Result) => void
  reject: (reason: Error) => void
}

/**
 * A fixed number of worker threads that answer questions, one at a time each, in the order in which they were asked. Threads
 * start when first needed. An idle pool does not keep the process alive; one with work to do does.
 *
 * @example
 * const pool = new WorkerPool(new URL('./worker.ts', import.meta.url), { threads: 2, data: settings })
 * try { await pool.ask(job) } finally { await pool.close() }
 */
export class WorkerPool<Job, Result> {
  readonly threads: number
  readonly #module: URL
  readonly #data: unknown
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Pending<Result>>()
  readonly #waiting: Pending<Result>[] = []
  #started = 0
  #asked = 0
  #closed = false

  /**
   * @param module The worker's module, which calls `serve`.
   * @param options `threads`: how many at most. `data`: handed to every worker as `workerData`; shared memory in it is shared.
   */
  constructor(module: URL, options: { threads: number; data: unknown }) {
    if (!(Number.isInteger(options.threads) && options.threads >= 1))
      throw new RangeError(`WorkerPool: ${options.threads} threads, expected a whole number from 1 up`)
    this.threads = options.threads
    this.#module = module
    this.#data = options.data
  }

  /** Has a job done. Rejects with what the worker threw, or when it dies or the pool is closed meanwhile. */
  ask(job: Job): Promise<Result> {
    if (this.#closed) return Promise.reject(new Error('WorkerPool: closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question: { id: this.#asked++, job }, resolve, reject })
      this.#next()
    })
  }

  /** Stops all threads at once, rejecting what is unanswered; resolves when they are gone. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    const unanswered = [...this.#busy.values(), ...this.#waiting.splice(0)]
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()]
    this.#busy.clear()
    for (const { reject } of unanswered) reject(new Error('WorkerPool: closed'))
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #next(): void {
    while (this.#waiting.length > 0 && (this.#idle.length > 0 || this.#started < this.threads)) {
      const worker = this.#idle.pop() ?? this.#start()
      const pending = this.#waiting.shift()!
      this.#busy.set(worker, pending)
      worker.ref()
      worker.postMessage(pending.question)
    }
  }

  #start(): Worker {
    const { Worker } = builtin('node:worker_threads')
    const worker = new Worker(this.#module, { workerData: this.#data, execArgv: workerFlags(process.execArgv) })
    this.#started += 1
    worker.on('message', (answer: Answer<Result>) => {
      const pending = this.#busy.get(worker)
      if (pending?.question.id !== answer.id) return
      this.#busy.delete(worker)
      this.#idle.push(worker)
      worker.unref()
      if ('error' in answer) pending.reject(revive(answer.error))
      else pending.resolve(answer.result)
      this.#next()
    })
    worker.on('error', (reason: Error) => this.#lose(worker, reason))
    worker.on('exit', (code) => this.#lose(worker, new Error(`a worker thread ended with exit code ${code}`)))
    return worker
  }

  /** A dead worker fails the job that it had; the others go on, and another takes its place when needed. */
  #lose(worker: Worker, reason: Error): void {
    const pending = this.#busy.get(worker)
    const at = this.#idle.indexOf(worker)
    if (!pending && at < 0) return
    if (at >= 0) this.#idle.splice(at, 1)
    this.#busy.delete(worker)
    this.#started -= 1
    pending?.reject(reason)
    this.#next()
  }
}

/**
 * Threads take this process's flags as they are; only where the program was given as text (`node -e`), which no thread
 * accepts, they get but the conditions under which packages are resolved.
 */
function workerFlags(flags: readonly string[]): string[] | undefined {
  if (!flags.some((flag) => /^(?:-e|-p|-pe|--eval|--print|--input-type)(?:=|$)/.test(flag))) return undefined
  return flags.filter(
    (flag, at) => /^(?:-C|--conditions)(?:=|$)/.test(flag) || /^(?:-C|--conditions)$/.test(flags[at - 1] ?? ''),
  )
}

function revive({ name, message, file, stack }: ErrorData): Error {
  const error = name === 'DataError' ? new DataError(message, { file }) : new Error(message)
  if (stack) error.stack = stack
  return error
}
