import { nodeBuiltin } from './node.ts'

/** A thread with a message channel, the same in Node and in a browser. */
export interface WorkerHandle {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onError(listener: (error: Error) => void): void
  /** Whether the thread keeps the process alive; it does from the start. No effect in a browser. */
  keepAlive(keep: boolean): void
  terminate(): Promise<void>
}

interface NodeWorker {
  postMessage(message: unknown): void
  on(event: string, listener: (value: never) => void): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
}

interface WorkerThreadsModule {
  Worker: new (source: string, options: { eval: true; execArgv: string[]; name?: string }) => NodeWorker
}

/**
 * Starts a worker from source text: no file to find, so it survives bundling. The text is a plain script; it reaches
 * its channel through `node:worker_threads` in Node and through the global scope in a browser.
 */
export function startWorker(source: string, name: string): WorkerHandle {
  const threads = nodeBuiltin<WorkerThreadsModule>('node:worker_threads')
  return threads ? startNodeWorker(threads, source, name) : startWebWorker(source, name)
}

function startNodeWorker(threads: WorkerThreadsModule, source: string, name: string): WorkerHandle {
  const worker = new threads.Worker(source, { eval: true, execArgv: [], name })
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', listener),
    onError: (listener) => worker.on('error', listener),
    keepAlive: (keep) => (keep ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  }
}

function startWebWorker(source: string, name: string): WorkerHandle {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(url, { name })
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener('message', (event) => listener(event.data)),
    onError: (listener) =>
      worker.addEventListener('error', (event) => listener(new Error(event.message || `worker ${name} did not start`))),
    keepAlive: () => {},
    terminate: async () => {
      worker.terminate()
      URL.revokeObjectURL(url)
    },
  }
}
