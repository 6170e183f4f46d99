import type { SweepDetail, Trial } from '../server/api/sweeps.ts'
import { type AgentEvent, type AgentSummary, runAgent } from '../sweep/agent/agent.ts'
import type { FoundHost } from '../sweep/agent/findHost.ts'
import { processRunner } from '../sweep/agent/processRunner.ts'
import { LiveView, sweepLines, trialLine } from './sweepView.ts'

export interface RunSweepOptions {
  readonly found: FoundHost
  readonly sweep: string
  readonly dir: string
  readonly agents: number
  readonly count?: number
  readonly signal: AbortSignal
  readonly out: NodeJS.WriteStream
}

const DRAW_EVERY = 250
const isOver = (trial: Trial) => trial.ended !== null

/**
 * Runs agents of a sweep in this process until nothing is left for them, showing what happens: on a terminal as a view that
 * is drawn again a few times a second, elsewhere as one line for each trial that is over.
 *
 * Agents that were paused because all that they start fails would wait for a person for ever; once none is left that works,
 * they are ended, and the reason is told.
 */
export async function runSweep(options: RunSweepOptions): Promise<{ detail: SweepDetail; paused?: string }> {
  const { found, sweep, dir, agents, count, signal, out } = options
  const view = out.isTTY ? new LiveView(out) : undefined
  const print = (line: string) => (view ? view.print(line) : out.write(`${line}\n`))
  const budget = { left: count ?? Number.POSITIVE_INFINITY }
  const given = new AbortController()
  const ended = AbortSignal.any([signal, given.signal])
  const paused = new Map<number, string>()
  let stale = true

  const onEvent = (agent: number) => (event: AgentEvent) => {
    if (event.type === 'paused') paused.set(agent, event.reason)
    if (event.type === 'started') paused.delete(agent)
    if (event.type === 'unreachable') print(`the server does not answer (${event.message}); trying again`)
    if (event.type === 'reachable') print('the server answers again')
    stale = true
    if (paused.size === agents) given.abort()
  }
  const run = processRunner({ dir, url: found.sendTo?.url, token: found.sendTo?.token })
  const working = Array.from({ length: agents }, (_, agent) =>
    runAgent({ host: found.host, sweep, run, budget, signal: ended, onEvent: onEvent(agent) }),
  )

  const told = new Set<number>()
  const problems = new Set<string>()
  const show = async () => {
    if (!stale && !view) return
    stale = false
    const now = Date.now() / 1000
    const [detail, { trials }] = await Promise.all([found.host.detail(sweep), found.host.trials(sweep)])
    for (const trial of trials)
      if (isOver(trial) && !told.has(trial.id)) {
        told.add(trial.id)
        if (!view || trial.state !== 'finished') print(trialLine(trial, detail.metric?.name, now))
      }
    for (const problem of detail.problems) {
      if (!problems.has(problem)) print(`note: ${problem}`)
      problems.add(problem)
    }
    view?.draw(sweepLines(detail, trials, view.width, now))
  }
  // What is over already, in a sweep that goes on, is no news; nor is what was said when it was made.
  for (const problem of (await found.host.detail(sweep)).problems) problems.add(problem)
  for (const trial of (await found.host.trials(sweep)).trials) if (isOver(trial)) told.add(trial.id)

  let done = false
  const all = Promise.allSettled(working).then((results) => {
    done = true
    return results
  })
  while (!done) {
    await show().catch(() => {})
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, DRAW_EVERY))])
  }
  const results = await all
  stale = true
  await show().catch(() => {})
  const broken = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
  if (broken && results.every((result: PromiseSettledResult<AgentSummary>) => result.status === 'rejected'))
    throw broken.reason
  const [detail, { trials }] = await Promise.all([found.host.detail(sweep), found.host.trials(sweep)])
  if (!view) for (const line of sweepLines(detail, trials, 200, Date.now() / 1000)) print(line)
  return { detail, ...(given.signal.aborted ? { paused: [...paused.values()][0] } : {}) }
}
