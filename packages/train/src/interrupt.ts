import type { ProgressOutput } from './progress/output.ts'

/** Notices that somebody wants a training to end: Ctrl-C on the terminal, SIGTERM, or an abort signal. */
export class Interrupt {
  #reason: string | null = null
  readonly #release: () => void

  constructor(output: ProgressOutput, signal?: AbortSignal) {
    const node = (globalThis as { process?: NodeJS.Process }).process
    const listen = typeof node?.on === 'function'
    const onInterrupt = () => {
      if (this.#reason !== null) {
        // Asked twice: at once, and as a shell expects it.
        node?.exit(130)
      }
      this.#reason = 'interrupted'
      output.write('\nfinishing this step and saving; press Ctrl-C again to quit at once\n')
    }
    const onTerminate = () => {
      this.#reason ??= 'terminated'
    }
    const onAbort = () => {
      this.#reason ??= 'aborted'
    }
    if (listen) {
      node.on('SIGINT', onInterrupt)
      node.on('SIGTERM', onTerminate)
    }
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort)
    this.#release = () => {
      if (listen) {
        node.off('SIGINT', onInterrupt)
        node.off('SIGTERM', onTerminate)
      }
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Why the training has to end, or null. */
  get reason(): string | null {
    return this.#reason
  }

  /** Stops listening: Ctrl-C ends the program again. */
  release(): void {
    this.#release()
  }
}
