import { mayBlock } from '../../../platform/cores.ts'
import { startWorker, type WorkerHandle } from '../../../platform/worker.ts'
import { control, maximumArguments, maximumErrorBytes } from './control.ts'
import type { Heap } from './heap.ts'
import { type ProgramSource, type WorkerMessage, type WorkerStart, workerMain } from './workerMain.ts'

/** A module that all threads of a pool have ready. */
export interface LoadedProgram {
  readonly id: number
  readonly entries: readonly string[]
}

type Entry = (thread: number, threads: number, ...args: number[]) => void

/**
 * Milliseconds that a worker spins before it sleeps. The next step of a training loop comes sooner than that; and a thread
 * that has just been woken may share its caller's core until the scheduler's next tick (4 ms at 250 Hz) finds the idle one,
 * so it should not have to be woken often. Measured in six alternating runs: a small network's step after a pause of 50 ms
 * takes 220 µs on average with 2 or 5 ms, 255 with 0.6.
 */
const workerSpin = 4

/** Spins of the caller before it sleeps, about 50 µs. */
const callerSpins = 5000

/**
 * Runs WebAssembly functions on several threads at once, on one shared memory. Thread 0 is the caller, or a worker in
 * its place when the caller wants to stay free (`runAsync`).
 *
 * An entry is an exported function `(thread, threads, ...arguments)`; each thread calls it once a run. Without shared
 * memory a pool has one thread, the caller.
 *
 * @example
 * const heap = new Heap({ shared: true })
 * const pool = await ThreadPool.create(heap, 2)
 * const program = pool.load(module, ['run'])
 * pool.run(program, 'run', [address])
 */
export class ThreadPool {
  readonly threads: number
  private readonly heap: Heap
  private readonly words: Int32Array
  private readonly workers: WorkerHandle[] = []
  private standIn: WorkerHandle | undefined
  private readonly programs = new Map<number, ProgramSource>()
  private readonly instances = new Map<number, Entry[]>()
  private nextProgram = 1
  private pending: Promise<void> = Promise.resolve()
  private busy = false
  private onDone: (() => void) | undefined
  private closed = false

  private constructor(heap: Heap, threads: number) {
    this.heap = heap
    this.threads = threads
    this.words = new Int32Array(heap.memory.buffer, 0, 1024)
  }

  /** Starts a pool. Its idle workers sleep and do not keep the process alive. */
  static async create(heap: Heap, threads: number): Promise<ThreadPool> {
    if (!Number.isInteger(threads) || threads < 1 || threads > 1024)
      throw new RangeError(`threads: ${threads} is not a whole number from 1 to 1024`)
    const pool = new ThreadPool(heap, heap.shared ? threads : 1)
    const starts = Array.from({ length: pool.threads - 1 }, (_, index) => pool.startWorker(index + 1))
    pool.workers.push(...(await Promise.all(starts)))
    return pool
  }

  /** Instantiates a module (importing `env.memory`) on every thread. */
  load(module: WebAssembly.Module, entries: readonly string[]): LoadedProgram {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.heap.memory } })
    const functions = entries.map((name) => {
      const found = exports[name]
      if (typeof found !== 'function') throw new TypeError(`thread pool: the module exports no function "${name}"`)
      return found as Entry
    })
    const program: ProgramSource = { id: this.nextProgram++, module, entries }
    this.programs.set(program.id, program)
    this.instances.set(program.id, functions)
    this.broadcast((epoch) => ({ kind: 'load', program, epoch }))
    return program
  }

  /** Forgets a program on every thread. */
  unload(program: LoadedProgram): void {
    this.programs.delete(program.id)
    this.instances.delete(program.id)
    this.broadcast((epoch) => ({ kind: 'unload', id: program.id, epoch }))
  }

  /**
   * Runs an entry on the caller and all workers, and returns when all are done.
   * @throws Error where a thread trapped; the others have stopped at their next barrier.
   */
  run(program: LoadedProgram, entry: string, args: readonly number[] = []): void {
    const own = this.entry(program, entry)
    if (this.busy) throw new Error('thread pool: a run is still under way; await it first')
    if (this.threads === 1) {
      own(0, 1, ...args)
      return
    }
    const mayWait = mayBlock()
    this.command(program, entry, args, { callerIsAway: false, firstThreadMayWait: mayWait })
    this.wake(control.epoch, control.idleSleepers)
    let failure: unknown
    try {
      own(0, this.threads, ...args)
    } catch (error) {
      failure = error
      Atomics.compareExchange(this.words, control.aborted, 0, 1)
      Atomics.notify(this.words, control.generation)
    }
    this.awaitWorkers(mayWait)
    this.throwFailure(failure)
  }

  /** Runs an entry on the caller alone, as the only thread: for programs too small to share. */
  runAlone(program: LoadedProgram, entry: string, args: readonly number[] = []): void {
    this.entry(program, entry)(0, 1, ...args)
  }

  /**
   * Runs an entry on workers only, so that the caller stays free meanwhile. Runs queue up. It works the same numbers as
   * `run`, bit for bit. With one thread and shared memory it still leaves the caller free.
   */
  runAsync(program: LoadedProgram, entry: string, args: readonly number[] = []): Promise<void> {
    const result = this.pending.then(async () => {
      if (!this.heap.shared) return this.run(program, entry, args)
      this.standIn ??= await this.startWorker(0)
      this.entry(program, entry)
      this.command(program, entry, args, { callerIsAway: true, firstThreadMayWait: true })
      const all = [...this.workers, this.standIn]
      this.busy = true
      for (const worker of all) worker.keepAlive(true)
      try {
        await new Promise<void>((resolve) => {
          this.onDone = resolve
          this.wake(control.standInEpoch, control.standInSleepers)
          this.wake(control.epoch, control.idleSleepers)
        })
      } finally {
        this.busy = false
        for (const worker of all) worker.keepAlive(false)
      }
      this.throwFailure(undefined)
    })
    this.pending = result.catch(() => {})
    return result
  }

  /** Stops the workers. */
  async close(): Promise<void> {
    await this.pending
    this.closed = true
    const all = this.standIn ? [...this.workers, this.standIn] : this.workers
    await Promise.all(all.map((worker) => worker.terminate()))
  }

  private async startWorker(thread: number): Promise<WorkerHandle> {
    const worker = startWorker(`(${workerMain.toString()})()`, `trainyard ${thread}`)
    const ready = new Promise<void>((resolve, reject) => {
      worker.onError(reject)
      worker.onMessage((message) => {
        if (message === 'ready') resolve()
        if (message === 'done') this.onDone?.()
      })
    })
    const epoch = Atomics.load(this.words, thread === 0 ? control.standInEpoch : control.epoch)
    const start: WorkerStart = {
      kind: 'start',
      memory: this.heap.memory,
      thread,
      control,
      maximumErrorBytes,
      spinMilliseconds: workerSpin,
      programs: [...this.programs.values()],
      messages: Atomics.load(this.words, control.messages),
      epoch,
    }
    worker.post(start)
    await ready
    worker.keepAlive(false)
    return worker
  }

  private entry(program: LoadedProgram, name: string): Entry {
    if (this.closed) throw new Error('thread pool: closed')
    const index = program.entries.indexOf(name)
    const found = this.instances.get(program.id)?.[index]
    if (!found) throw new Error(`thread pool: program ${program.id} has no entry "${name}" (unloaded?)`)
    return found
  }

  private broadcast(message: (epoch: number) => WorkerMessage): void {
    if (this.workers.length === 0 && !this.standIn) return
    Atomics.add(this.words, control.messages, 1)
    const epoch = Atomics.add(this.words, control.epoch, 1) + 1
    const standInEpoch = Atomics.add(this.words, control.standInEpoch, 1) + 1
    for (const worker of this.workers) worker.post(message(epoch))
    this.standIn?.post(message(standInEpoch))
    Atomics.notify(this.words, control.epoch)
    Atomics.notify(this.words, control.standInEpoch)
  }

  private command(
    program: LoadedProgram,
    entry: string,
    args: readonly number[],
    who: { readonly callerIsAway: boolean; readonly firstThreadMayWait: boolean },
  ): void {
    if (args.length > maximumArguments) throw new RangeError(`thread pool: more than ${maximumArguments} arguments`)
    const { words } = this
    words[control.taken] = 0
    words[control.program] = program.id
    words[control.entry] = program.entries.indexOf(entry)
    words[control.threads] = this.threads
    words[control.firstThreadMayWait] = Number(who.firstThreadMayWait)
    words[control.callerIsAway] = Number(who.callerIsAway)
    words[control.argumentCount] = args.length
    words.set(args, control.arguments)
    Atomics.store(words, control.callerSleeps, 0)
    Atomics.store(words, control.remaining, who.callerIsAway ? this.threads : this.threads - 1)
  }

  private wake(epoch: number, sleepers: number): void {
    Atomics.add(this.words, epoch, 1)
    if (Atomics.load(this.words, sleepers) > 0) Atomics.notify(this.words, epoch)
  }

  private awaitWorkers(mayWait: boolean): void {
    const { words } = this
    for (let spin = 0; spin < callerSpins || !mayWait; spin++) {
      if (Atomics.load(words, control.remaining) === 0) return
      ;(Atomics as { pause?: () => void }).pause?.()
    }
    Atomics.store(words, control.callerSleeps, 1)
    for (let left = Atomics.load(words, control.remaining); left > 0; left = Atomics.load(words, control.remaining))
      Atomics.wait(words, control.remaining, left)
  }

  /** Throws what a thread has thrown, after making the barrier usable again. */
  private throwFailure(own: unknown): void {
    const { words } = this
    const thread = Atomics.load(words, control.aborted) - 1
    if (thread < 0) {
      if (own !== undefined) throw own
      return
    }
    const length = Atomics.load(words, control.errorLength)
    const text = new TextDecoder().decode(this.heap.bytes(4 * control.errorText, length).slice())
    Atomics.store(words, control.arrived, 0)
    Atomics.store(words, control.taken, 0)
    Atomics.store(words, control.errorLength, 0)
    Atomics.store(words, control.aborted, 0)
    if (thread === 0 && own !== undefined) throw own
    throw new Error(`thread ${thread} failed: ${text}`)
  }
}
