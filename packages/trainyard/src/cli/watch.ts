import { spawn } from 'node:child_process'

/** A server of runs that lives as long as this process. */
export interface Watched {
  /** Where its page is; null where it could not be started, because another one has the folder or the like. */
  readonly url: string | null
  stop(): void
}

/** Starts `trainyard ui` on a free port in a process of its own, so that training never keeps it waiting. */
export function startServer(): Promise<Watched> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1], 'ui', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const stop = () => {
    child.kill()
  }
  process.once('exit', stop)
  return new Promise((resolve) => {
    let text = ''
    child.stdout.on('data', (part) => {
      text += part
      const end = text.indexOf('\n')
      if (end >= 0) resolve({ url: text.slice(0, end), stop })
    })
    child.on('error', () => resolve({ url: null, stop }))
    child.on('exit', () => resolve({ url: null, stop }))
  })
}
