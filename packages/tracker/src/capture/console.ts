/** Copies what the program prints, line by line, and lets it through unchanged. */
import type { ConsoleRecord } from '../log/records.ts'

export type LineListener = (line: ConsoleRecord) => void

const MAX_LINE = 10_000

/** Turns what is written into lines. A line that is rewritten after a carriage return replaces itself. */
export class LineSplitter {
  private text = ''
  private replaces = false
  private readonly stream: 'stdout' | 'stderr'
  private readonly emit: LineListener
  private lastProgress = Number.NEGATIVE_INFINITY

  constructor(stream: 'stdout' | 'stderr', emit: LineListener) {
    this.stream = stream
    this.emit = emit
  }

  write(chunk: string): void {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i)
      if (code === 10) {
        this.text += chunk.slice(start, i)
        this.line()
        start = i + 1
      } else if (code === 13 && chunk.charCodeAt(i + 1) !== 10) {
        this.text += chunk.slice(start, i)
        this.progress()
        start = i + 1
      }
    }
    this.text += chunk.slice(start)
    if (this.text.length > MAX_LINE) this.line()
  }

  /** What has no line end yet. */
  flush(): void {
    if (this.text !== '') this.line()
  }

  private send(): void {
    const text = this.text.replace(/\r$/, '')
    this.emit({ time: Date.now() / 1000, stream: this.stream, text, ...(this.replaces ? { replace: true } : {}) })
  }

  private line(): void {
    this.send()
    this.text = ''
    this.replaces = false
    this.lastProgress = Number.NEGATIVE_INFINITY
  }

  /** A progress bar may rewrite its line a thousand times a second: one of them each half second is kept, and the last. */
  private progress(): void {
    const now = performance.now()
    if (this.text !== '' && now - this.lastProgress >= 500) {
      this.send()
      this.lastProgress = now
      this.replaces = true
    }
    this.text = ''
  }
}

const listeners = new Set<LineListener>()
let restore: (() => void) | null = null

function patch(): () => void {
  const tell: LineListener = (line) => {
    for (const listener of listeners) listener(line)
  }
  const undo = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name]
    const original = stream.write
    const splitter = new LineSplitter(name, tell)
    const decoder = new TextDecoder()
    const patched = function (this: NodeJS.WriteStream, chunk: string | Uint8Array, ...rest: unknown[]): boolean {
      try {
        splitter.write(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
      } catch {
        // Copying must never keep the program from printing.
      }
      return (original as (...args: unknown[]) => boolean).call(this, chunk, ...rest)
    } as typeof stream.write
    stream.write = patched
    return () => {
      splitter.flush()
      // Where somebody else has patched it since, taking ours away would take theirs away too.
      if (stream.write === patched) stream.write = original
    }
  })
  return () => {
    for (const step of undo) step()
  }
}

/** Calls `listener` with each line until the returned function is called. */
export function captureConsole(listener: LineListener): () => void {
  listeners.add(listener)
  restore ??= patch()
  return () => {
    if (!listeners.has(listener)) return
    if (listeners.size === 1) {
      restore?.()
      restore = null
    }
    listeners.delete(listener)
  }
}
