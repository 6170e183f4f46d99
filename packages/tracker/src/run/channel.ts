/** The training thread's end of the writer thread: started once a process, shared by all its runs. */
import { Worker } from 'node:worker_threads'
import { pathsIn } from '../store/paths.ts'
import { describe } from './describe.ts'
import { watchInterrupt } from './interrupt.ts'
import { markFailed } from './markFailed.ts'
import { Flag, type FromWriter, type Opened, type OpenOptions, type ToWriter } from './messages.ts'
import { RowProducer } from './queue.ts'
import { warn } from './warn.ts'

type WithoutRun<T> = T extends unknown ? Omit<T, 'run'> : never

const EXIT_PATIENCE = 15_000

/** A run that cannot be opened: it exists already, does not exist, or another process writes it. */
export class RunRefusedError extends Error {
  override name = 'RunRefusedError'
}

let worker: Worker | null = null
let nextRun = 0
const channels = new Map<number, Channel>()
let lastError: string | null = null
/** Ended by `await using` in this very turn of the event loop: an exception may be on its way out of the block. */
const justDisposed = new Set<Channel>()
/** Those through whose blocks an exception went that nobody caught. */
const passed = new Set<Channel>()
let interruption: SharedArrayBuffer | null = null

function startWorker(): Worker {
  if (worker) return worker
  const source = import.meta.url.endsWith('.ts') ? './writerThread.ts' : './writerThread.js'
  interruption ??= watchInterrupt()
  const started = new Worker(new URL(source, import.meta.url), { name: 'trainyard-writer', workerData: interruption })
  started.unref()
  started.on('message', (message: FromWriter) => channels.get(message.run)?.receive(message))
  started.on('error', (error) => {
    worker = null
    for (const channel of [...channels.values()]) channel.broken(error as Error)
  })
  worker = started
  if (nextRun === 0) {
    process.on('uncaughtExceptionMonitor', (error: unknown) => {
      lastError = describe(error, { stack: true })
      for (const channel of justDisposed) passed.add(channel)
    })
    process.on('exit', finishAtExit)
  }
  return started
}

/** The process ends without `finish`: what was logged is written, and its exit code says how the run ended. */
function finishAtExit(code: number): void {
  const open = [...channels.values()].filter((channel) => !channel.isClosed)
  // With code 0 an error that was seen was also handled.
  for (const channel of open)
    if (code === 0) channel.end('finished', 0, null)
    else channel.end('failed', code, lastError)
  if (code !== 0) for (const channel of passed) channel.fail(code)
  for (const channel of open) Atomics.wait(channel.flags, Flag.closed, 0, EXIT_PATIENCE)
}

export class Channel {
  readonly flags: Int32Array
  readonly rows: RowProducer
  onStop: () => void = () => {}
  private readonly run: number
  private readonly place: Pick<OpenOptions, 'dir' | 'project' | 'id'>
  private readonly worker: Worker
  private nextRequest = 0
  private readonly requests = new Map<number, PromiseWithResolvers<unknown>>()
  private readonly opening = Promise.withResolvers<Opened>()
  private readonly closing = Promise.withResolvers<void>()
  private ended = false

  private constructor(flags: SharedArrayBuffer, place: Pick<OpenOptions, 'dir' | 'project' | 'id'>) {
    this.place = place
    this.worker = startWorker()
    this.run = nextRun++
    this.flags = new Int32Array(flags)
    this.rows = new RowProducer((segment) => this.post({ type: 'segment', segment }))
    channels.set(this.run, this)
  }

  /** @throws RunRefusedError where the run cannot be opened. */
  static async open(options: Omit<OpenOptions, 'flags'>): Promise<{ channel: Channel; opened: Opened }> {
    const flags = new SharedArrayBuffer(16)
    const channel = new Channel(flags, options)
    channel.post({ type: 'open', options: { ...options, flags } })
    // The process must not end while it waits for the answer.
    channel.worker.ref()
    try {
      return { channel, opened: await channel.opening.promise }
    } finally {
      channel.worker.unref()
    }
  }

  post(message: WithoutRun<ToWriter>): void {
    this.worker.postMessage({ ...message, run: this.run })
  }

  /** Asks the writer for something and waits for it. */
  async request<T>(
    message: { type: 'file'; file: string; path: string } | { type: 'artifact'; artifact: object },
  ): Promise<T> {
    // Nobody would answer.
    if (this.ended) throw new Error(`run ${this.place.id} has finished: files and artifacts are kept before that`)
    const request = this.nextRequest++
    const waiting = Promise.withResolvers<unknown>()
    this.requests.set(request, waiting)
    this.worker.ref()
    try {
      this.post({ ...message, request } as WithoutRun<ToWriter>)
      return (await waiting.promise) as T
    } finally {
      this.requests.delete(request)
      if (this.requests.size === 0) this.worker.unref()
    }
  }

  get isClosed(): boolean {
    return Atomics.load(this.flags, Flag.closed) === 1
  }

  end(state: 'finished' | 'failed' | 'stopped', exitCode: number, error: string | null): void {
    if (this.ended) return
    this.ended = true
    this.post({ type: 'finish', state, exitCode, error })
  }

  /** Resolves when everything is written. */
  async finish(state: 'finished' | 'failed' | 'stopped', exitCode: number, error: string | null): Promise<void> {
    this.end(state, exitCode, error)
    this.worker.ref()
    try {
      await this.closing.promise
    } finally {
      this.worker.unref()
    }
  }

  /** The run has ended because its block was left, perhaps by an exception that will end the program. */
  disposed(): void {
    justDisposed.add(this)
    setImmediate(() => justDisposed.delete(this))
  }

  /** Such an exception did end the program. */
  fail(exitCode: number): void {
    const { dir, project, id } = this.place
    try {
      markFailed(pathsIn(dir).run(project, id), id, exitCode, lastError)
    } catch (error) {
      warn(`run ${id} counts as finished, though an exception ended its block: ${describe(error)}`)
    }
  }

  receive(message: FromWriter): void {
    if (message.type === 'opened') this.opening.resolve(message.opened)
    else if (message.type === 'refused') {
      channels.delete(this.run)
      Atomics.store(this.flags, Flag.closed, 1)
      const error = new RunRefusedError(message.message)
      if (message.name !== 'Error') error.name = message.name
      this.opening.reject(error)
    } else if (message.type === 'done') this.requests.get(message.request)?.resolve(message.result)
    else if (message.type === 'failed') this.requests.get(message.request)?.reject(new Error(message.message))
    else if (message.type === 'warn') warn(message.message)
    else if (message.type === 'stop') this.onStop()
    else {
      channels.delete(this.run)
      this.closing.resolve()
    }
  }

  /** The writer thread died, which it never should: training goes on without it. */
  broken(error: Error): void {
    warn(`the writer thread ended, nothing more is logged: ${error.stack ?? error.message}`)
    channels.delete(this.run)
    Atomics.store(this.flags, Flag.closed, 1)
    this.opening.reject(error)
    for (const { reject } of this.requests.values()) reject(error)
    this.closing.resolve()
  }
}
