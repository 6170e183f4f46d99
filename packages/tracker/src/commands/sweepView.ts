import type { SweepDetail, SweepRow, Trial } from '../server/api/sweeps.ts'

const STATES = ['finished', 'pruned', 'running', 'pending', 'paused', 'failed', 'crashed', 'stopped'] as const
const OPEN = new Set<string>(['running', 'pending', 'paused'])

/** A value short enough for a column. */
function short(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 24 ? `${text.slice(0, 23)}…` : text
}

function duration(seconds: number): string {
  // Clocks of two processes may be a little apart.
  seconds = Math.max(seconds, 0)
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const cut = (line: string, width: number) => (line.length > width ? `${line.slice(0, Math.max(width - 1, 0))}…` : line)

export const parametersText = (trial: Trial): string =>
  Object.entries(trial.params)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(' ')

/** What became of a trial, in one line for a log. */
export function trialLine(trial: Trial, metric: string | undefined, now: number): string {
  const time = trial.started === null ? '' : ` in ${duration((trial.ended ?? now) - trial.started)}`
  const value = trial.value === null ? '' : `, ${metric ?? 'value'} ${short(trial.value)}`
  const reason = trial.reason === null ? '' : ` (${trial.reason.split('\n')[0]})`
  return `trial ${trial.id} ${trial.state}${time}${value}${reason}: ${parametersText(trial)}`
}

/**
 * A sweep as a few lines: how far it is, the best so far, and every trial that runs.
 *
 * @param width Columns of the terminal.
 */
export function sweepLines(detail: SweepDetail, trials: readonly Trial[], width: number, now: number): string[] {
  const { runCap, metric, best } = detail
  const counts = STATES.filter((state) => detail.trials[state]).map((state) => `${detail.trials[state]} ${state}`)
  const over = trials.filter(({ ended }) => ended !== null).length
  const share = runCap === null ? '' : ` ${bar(over / runCap, 20)} ${over}/${runCap}`
  // Nothing goes on by itself: without an agent it only waits for one.
  const waits = detail.agents === 0 && (detail.state === 'running' || detail.state === 'pending')
  const state = waits ? `waits for an agent` : detail.state
  const lines = [
    `sweep ${detail.name === detail.id ? '' : `${detail.name} `}${detail.id} ${state}${share}  ${counts.join(', ')}`,
  ]
  if (best && metric) {
    const trial = trials.find(({ id }) => id === best.trial)
    lines.push(
      `best ${metric.name} ${short(best.value)}: trial ${best.trial}${trial ? `, ${parametersText(trial)}` : ''}`,
    )
  }
  for (const trial of trials.filter(({ state }) => state === 'running')) {
    const value =
      trial.value === null ? '' : `  ${metric?.name ?? 'value'} ${short(trial.value)} after ${trial.iterations}`
    const time = trial.started === null ? '' : duration(now - trial.started)
    lines.push(`  ${`${trial.id}`.padStart(4)}  ${time.padEnd(10)}${value}  ${parametersText(trial)}`)
  }
  for (const agent of detail.agentList)
    if (agent.state === 'paused') lines.push(`agent ${agent.id} is paused: ${(agent.reason ?? '').split('\n')[0]}`)
  return lines.map((line) => cut(line, width))
}

/** All sweeps, one a line. */
export function sweepsTable(sweeps: readonly SweepRow[], now: number): string[] {
  const rows = sweeps.map(({ id, name, method, state, runCap, trials, agents, metric, best, updated }) => {
    const over = Object.entries(trials).reduce((sum, [key, count]) => sum + (OPEN.has(key) ? 0 : count), 0)
    return [
      id,
      name === id ? '' : name,
      method,
      state,
      `${over}${runCap === null ? '' : `/${runCap}`} trials`,
      `${agents} ${agents === 1 ? 'agent' : 'agents'}`,
      best && metric ? `best ${metric.name} ${short(best.value)}` : '',
      `${duration(now - updated)} ago`,
    ]
  })
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length))) ?? []
  const filled = (_: string, column: number) => widths[column] > 0
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .filter(filled)
      .join('  ')
      .trimEnd(),
  )
}

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * width)
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`
}

/** Draws lines over those that it drew before. */
export class LiveView {
  readonly #out: NodeJS.WriteStream
  #drawn = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  get width(): number {
    return Math.max(this.#out.columns ?? 80, 20)
  }

  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max((this.#out.rows ?? 24) - 1, 1))
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''
    this.#out.write(`${up}${shown.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`)
    this.#drawn = shown.length
  }

  /** Leaves what is drawn where it is, and prints below. */
  print(line: string): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[0J`)
    this.#drawn = 0
    this.#out.write(`${line}\n`)
  }
}
