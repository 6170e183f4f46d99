import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** What a peer says of a case: the median seconds of one repeat, null where it does not have or cannot run it. */
export interface Answer {
  readonly seconds: number | null
  readonly flops?: number
  /** What has to be known to read the figure. */
  readonly note?: string
  /** One core's peak measured just before, in GFLOP/s. */
  readonly peakGflops?: number
  readonly details?: Readonly<Record<string, number>>
  readonly plannedBytes?: number
  /** The most memory the process had. */
  readonly peakBytes?: number
}

export interface Request {
  readonly case: string
  readonly repeats: number
  readonly threads: number
  /** Not to be run beforehand, so that the first time is what is measured. */
  readonly cold?: boolean
  readonly [more: string]: unknown
}

/** Another framework, or another way to run ours, in a process of its own. */
export interface Peer {
  readonly version: string
  /** What else it said when it started. */
  readonly hello: Readonly<Record<string, unknown>>
  ask(request: Request): Promise<Answer>
  close(): void
}

export interface PeerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts a peer that speaks lines of JSON: it first says `{version}`, then answers each request with `{seconds}`. Where it
 * cannot start (it is not installed), the last thing it said about that.
 */
export async function startPeer({ command, args, env }: PeerCommand): Promise<Peer | string> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const complaints = createInterface({ input: child.stderr! })
  let complaint = ''
  complaints.on('line', (line) => {
    if (line.trim()) complaint = line.trim()
  })
  // A peer that has gone is noticed by its missing answer.
  child.stdin!.on('error', () => {})
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const gone = new Promise<null>((resolve) => {
    child.once('error', (error) => {
      complaint = error.message
      resolve(null)
    })
    child.once('close', () => resolve(null))
  })
  const answer = async (): Promise<Record<string, unknown> | null> => {
    const line = await Promise.race([lines.next(), gone])
    return line === null || line.done ? null : JSON.parse(line.value)
  }
  const hello = await answer()
  if (!hello) {
    await gone
    return complaint || 'it said nothing'
  }
  return {
    version: String(hello.version),
    hello,
    async ask(request) {
      child.stdin!.write(`${JSON.stringify(request)}\n`)
      const said = await answer()
      return (said as Answer | null) ?? { seconds: null, note: `stopped: ${complaint || 'without a word'}` }
    },
    close: () => void child.kill(),
  }
}
