import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Another framework in a process of its own: times a case so often and gives the seconds of one repeat. */
export interface Peer {
  readonly name: string
  readonly version: string
  /** Null for a case that it does not have or cannot run. */
  run(name: string, repeats: number): Promise<number | null>
  close(): void
}

/**
 * Starts a peer that speaks lines of JSON: it first says `{version}`, then answers each `{case, repeats}` with `{seconds}`.
 * Null where it cannot start (not installed).
 */
export async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer | null> {
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const gone = new Promise<null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', () => resolve(null))
  })
  const answer = async (): Promise<Record<string, unknown> | null> => {
    const line = await Promise.race([lines.next(), gone])
    return line === null || line.done ? null : JSON.parse(line.value)
  }
  const hello = await answer()
  if (!hello) return null
  return {
    name,
    version: String(hello.version),
    async run(caseName, repeats) {
      child.stdin!.write(`${JSON.stringify({ case: caseName, repeats })}\n`)
      const result = await answer()
      return typeof result?.seconds === 'number' ? result.seconds : null
    },
    close: () => void child.kill(),
  }
}
