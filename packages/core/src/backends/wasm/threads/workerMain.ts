import type { control } from './control.ts'

/** A module, and those of its exports that can be run. */
export interface ProgramSource {
  readonly id: number
  readonly module: WebAssembly.Module
  readonly entries: readonly string[]
}

/** A worker's first message. */
export interface WorkerStart {
  readonly kind: 'start'
  readonly memory: WebAssembly.Memory
  readonly thread: number
  readonly control: typeof control
  readonly maximumErrorBytes: number
  /** How long it spins before it sleeps. */
  readonly spinMilliseconds: number
  readonly programs: readonly ProgramSource[]
  /** Value of `control.messages` that this message includes. */
  readonly messages: number
  /** What is asked for after this value of the epoch is still to be done. */
  readonly epoch: number
}

export type WorkerMessage =
  | WorkerStart
  | { readonly kind: 'load'; readonly program: ProgramSource; readonly epoch: number }
  | { readonly kind: 'unload'; readonly id: number; readonly epoch: number }

/**
 * The whole program of a worker. Its source text is what the worker runs, in Node and in a browser, so it must not use
 * anything from outside itself, nor named inner functions (bundlers wrap those in helpers of their own).
 *
 * A worker handles its messages, then serves runs from shared memory: it spins for a while, then sleeps on the epoch.
 */
export function workerMain(): void {
  // Not through `require`: bundlers put a function of their own in its place, which is not there in the worker.
  const port = (typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? process.getBuiltinModule('node:worker_threads').parentPort
    : globalThis) as unknown as {
    onmessage: (event: { data: WorkerMessage }) => void
    postMessage(message: string): void
  }
  const programs = new Map<number, ((...args: number[]) => void)[] | string>()
  let start: WorkerStart | undefined
  let handled = 0

  port.onmessage = (event) => {
    const message = event.data
    if (message.kind === 'start') {
      start = message
      handled = message.messages
      port.postMessage('ready')
    } else {
      handled++
    }
    const { memory, thread, control, maximumErrorBytes, spinMilliseconds } = start!
    const words = new Int32Array(memory.buffer, 0, 1024)
    if (message.kind === 'unload') programs.delete(message.id)
    for (const source of message.kind === 'start'
      ? message.programs
      : message.kind === 'load'
        ? [message.program]
        : []) {
      try {
        const { exports } = new WebAssembly.Instance(source.module, { env: { memory } })
        programs.set(
          source.id,
          source.entries.map((name) => exports[name] as (...args: number[]) => void),
        )
      } catch (error) {
        programs.set(source.id, String(error))
      }
    }

    const epoch = thread === 0 ? control.standInEpoch : control.epoch
    const sleepers = thread === 0 ? control.standInSleepers : control.idleSleepers
    let served = message.epoch
    while (handled === Atomics.load(words, control.messages)) {
      const sleepsAt = performance.now() + spinMilliseconds
      while (Atomics.load(words, epoch) === served && performance.now() < sleepsAt) {
        for (let spin = 0; spin < 64 && Atomics.load(words, epoch) === served; spin++) {
          ;(Atomics as { pause?: () => void }).pause?.()
        }
      }
      while (Atomics.load(words, epoch) === served) {
        Atomics.add(words, sleepers, 1)
        Atomics.wait(words, epoch, served)
        Atomics.sub(words, sleepers, 1)
      }
      if (handled !== Atomics.load(words, control.messages)) return
      served = Atomics.load(words, epoch)
      try {
        const entries = programs.get(words[control.program]!)
        if (!Array.isArray(entries)) throw new Error(entries ?? `program ${words[control.program]} is not loaded`)
        const args = words.slice(control.arguments, control.arguments + words[control.argumentCount]!)
        entries[words[control.entry]!]!(thread, words[control.threads]!, ...args)
      } catch (error) {
        // The first to fail leaves its text; the traps that this causes in the others' barriers do not matter.
        if (Atomics.compareExchange(words, control.aborted, 0, thread + 1) === 0) {
          const text = new TextEncoder().encode(String(error)).slice(0, maximumErrorBytes)
          new Uint8Array(memory.buffer, 4 * control.errorText, text.length).set(text)
          Atomics.store(words, control.errorLength, text.length)
        }
        Atomics.notify(words, control.generation)
      }
      const callerIsAway = words[control.callerIsAway] === 1
      if (Atomics.sub(words, control.remaining, 1) === 1) {
        if (callerIsAway) port.postMessage('done')
        else if (Atomics.load(words, control.callerSleeps)) Atomics.notify(words, control.remaining)
      }
    }
  }
}
