import { clock } from './duration.ts'
import { defaultOutput, type ProgressOutput } from './output.ts'

/** How long the bar is, what it says, and where it is drawn. */
export interface BarOptions {
  /** How many steps there are, if that is known. */
  readonly total?: number
  /** Stands before the bar. */
  readonly label?: string
  /** Default: standard error. */
  readonly output?: ProgressOutput
  /** The clock, in milliseconds; for tests. */
  readonly now?: () => number
}

/** Drawn at most ten times a second: a step must not wait for the terminal. */
const MILLISECONDS_BETWEEN_DRAWINGS = 100

const BAR_WIDTH = 18
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/**
 * A progress bar on a terminal, at most ten times a second. Where there is no terminal it writes nothing but what
 * `print` is given.
 *
 * @example
 * ```ts
 * const bar = new ProgressBar({ total: 120, label: 'networks' })
 * for (let i = 1; i <= 120; i++) bar.update(i, `loss ${(1 / i).toFixed(3)}`)
 * bar.close()
 * ```
 */
export class ProgressBar {
  readonly #options: BarOptions
  readonly #output: ProgressOutput
  readonly #now: () => number
  readonly #started: number
  #drawnAt = Number.NEGATIVE_INFINITY
  #visible = false

  constructor(options: BarOptions = {}) {
    this.#options = options
    this.#output = options.output ?? defaultOutput()
    this.#now = options.now ?? (() => performance.now())
    this.#started = this.#now()
  }

  /**
   * Says how far it is.
   * @param detail What stands behind the bar; a function is asked only when something is drawn.
   */
  update(done: number, detail: string | (() => string) = ''): void {
    if (!this.#output.isTTY) return
    const now = this.#now()
    if (now - this.#drawnAt < MILLISECONDS_BETWEEN_DRAWINGS) return
    this.#drawnAt = now
    this.#draw(this.#line(done, typeof detail === 'string' ? detail : detail(), (now - this.#started) / 1000))
  }

  /** Writes a line that stays, above the bar. */
  print(text: string): void {
    this.#erase()
    this.#output.write(`${text}\n`)
    // The bar comes back with the next update.
    this.#drawnAt = Number.NEGATIVE_INFINITY
  }

  /** Takes the bar away. */
  close(): void {
    this.#erase()
  }

  #line(done: number, detail: string, seconds: number): string {
    const { total, label } = this.#options
    const parts = label ? [label] : []
    if (total) {
      const share = Math.min(1, done / total)
      parts.push(`${drawBar(share)} ${done}/${total}`)
      if (done > 0 && done < total) parts.push(`${clock((seconds / done) * (total - done))} left`)
    } else parts.push(`${done}, ${clock(seconds)}`)
    if (detail) parts.push(detail)
    return parts.join('  ')
  }

  #draw(line: string): void {
    const width = (this.#output.columns ?? 80) - 1
    this.#output.write(`\r\u001b[2K${line.length > width ? `${line.slice(0, width - 1)}…` : line}`)
    this.#visible = true
  }

  #erase(): void {
    if (this.#visible) this.#output.write('\r\u001b[2K')
    this.#visible = false
  }
}

function drawBar(share: number): string {
  const eighths = Math.floor(share * BAR_WIDTH * 8)
  const bar = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
  return bar + '░'.repeat(BAR_WIDTH - bar.length)
}
