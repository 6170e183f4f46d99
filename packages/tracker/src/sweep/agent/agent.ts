import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentOrders, AgentRegister, AgentRegistered, TrialEnd } from '../../server/api/agents.ts'
import { ApiFailure } from '../../server/api/client.ts'
import { UnknownSweepError } from '../trials/trialService.ts'
import { type SweepHost, thisMachine } from './host.ts'
import type { RunningTrial, RunOrder, TrialOutcome, TrialRunner } from './runner.ts'

/** What an agent tells of itself while it works. */
export type AgentEvent =
  | { readonly type: 'started'; readonly order: RunOrder }
  /** `asked`: it had been told to stop. */
  | { readonly type: 'ended'; readonly order: RunOrder; readonly outcome: TrialOutcome; readonly asked: boolean }
  /** The server has heard how it ended, and made of it what it makes of it. */
  | { readonly type: 'settled'; readonly order: RunOrder; readonly outcome: TrialOutcome }
  | { readonly type: 'stopping'; readonly order: RunOrder; readonly reason: string }
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'unreachable'; readonly message: string }
  | { readonly type: 'reachable' }

export interface AgentOptions {
  readonly host: SweepHost
  readonly sweep: string
  readonly run: TrialRunner
  /** How many further trials may be taken: agents that share it take no more than that together. No limit, if left out. */
  readonly budget?: { left: number }
  /** How it names itself to the server; default: this machine and process. */
  readonly as?: AgentRegister
  /** Seconds between two beats; default a tenth of the lease, at most 1. */
  readonly beatEvery?: number
  /** Ends the agent: its trial is stopped, and will be tried again by others. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: AgentEvent) => void
  /** Seconds to try to reach the server before giving up; default 300. */
  readonly patience?: number
}

export interface AgentSummary {
  readonly finished: number
  readonly failed: number
  /** Why it went. */
  readonly reason: string
}

/** The server refused an agent, or did not answer for too long. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
}

const endOf = ({ order, outcome }: { order: RunOrder; outcome: TrialOutcome }): TrialEnd => ({
  trial: order.trial,
  attempt: order.attempt,
  ...outcome,
  ...(outcome.message === undefined ? {} : { message: outcome.message.slice(0, 4000) }),
})

interface Held {
  readonly order: RunOrder
  /** It was told to stop: that its program ended is no failure of its own. */
  stopping?: boolean
  readonly trial: RunningTrial
}

/**
 * Takes trials of a sweep, one at a time, until there are none left. It beats whether its trial is busy or not, tells how
 * each one ended until that was heard, and stops what it is told to stop. While the server does not answer it keeps its
 * trial going and tries again.
 *
 * @throws AgentError where the sweep is gone, or the server does not answer for `patience` seconds.
 */
export async function runAgent(options: AgentOptions): Promise<AgentSummary> {
  return new Agent(options).work()
}

class Agent {
  readonly #options: AgentOptions
  readonly #held = new Map<number, Held>()
  /** What ended and was not heard yet. */
  readonly #ended: { readonly order: RunOrder; readonly outcome: TrialOutcome }[] = []
  readonly #budget: { left: number }
  #taken = 0
  #finished = 0
  #failed = 0
  #wake = () => {}
  #silentSince: number | undefined
  #saidPaused = false

  constructor(options: AgentOptions) {
    this.#options = options
    this.#budget = options.budget ?? { left: Number.POSITIVE_INFINITY }
    options.signal?.addEventListener('abort', () => this.#wake(), { once: true })
  }

  async work(): Promise<AgentSummary> {
    const { sweep, signal } = this.#options
    let registered = await this.#register()
    for (;;) {
      if (signal?.aborted) return this.#leave(registered)
      const orders = await this.#beat(registered)
      if (orders === undefined) {
        registered = await this.#register()
        continue
      }
      const exit = this.#follow(orders, { ...registered, id: sweep })
      const idle = this.#held.size === 0 && this.#ended.length === 0
      if (idle && exit !== undefined) return this.#summary(exit)
      if (idle && this.#budget.left <= 0) return this.#leave(registered)
      // Something to tell is told at once.
      if (this.#ended.length === 0 && !signal?.aborted) await this.#rest(registered.lease)
    }
  }

  #register(): Promise<AgentRegistered> {
    const { host, sweep, as = thisMachine() } = this.#options
    return this.#reach(() => host.register(sweep, as)).catch((error: Error) => {
      throw error instanceof AgentError ? error : new AgentError(error.message, { cause: error })
    })
  }

  /** One beat; `undefined` where the server does not know this agent (any more), and its trials have been given up. */
  async #beat({ agent }: AgentRegistered): Promise<AgentOrders | undefined> {
    const { host, sweep } = this.#options
    const telling = [...this.#ended]
    const running = Array.from(this.#held.values(), ({ order: { trial, attempt } }) => ({ trial, attempt }))
    // Reserved before it is asked for, since others may share the budget; given back below if nothing comes.
    const wants = this.#held.size === 0 && this.#budget.left > 0 ? 1 : 0
    this.#budget.left -= wants
    let given = 0
    try {
      const ended = telling.map(endOf)
      const orders = await this.#reach(() => host.beat(sweep, agent, { running, ended, wants }))
      this.#ended.splice(0, telling.length)
      for (const { order, outcome } of telling) this.#say({ type: 'settled', order, outcome })
      given = orders.orders.filter(({ type }) => type === 'run').length
      return orders
    } catch (error) {
      if (!(error instanceof UnknownSweepError)) throw error
      for (const { trial } of this.#held.values()) trial.stop(true)
      this.#ended.length = 0
      return undefined
    } finally {
      this.#budget.left += wants - Math.min(given, wants)
    }
  }

  /** Does what it is told; the reason to go, if it is to. */
  #follow({ state, reason, orders }: AgentOrders, sweep: AgentRegistered & { id: string }): string | undefined {
    let exit: string | undefined
    for (const order of orders) {
      if (order.type === 'exit') exit = order.reason
      else if (order.type === 'run') this.#start(order, sweep)
      else {
        const held = this.#held.get(order.trial)
        if (held?.order.attempt !== order.attempt) continue
        this.#say({ type: 'stopping', order: held.order, reason: order.reason })
        held.stopping = true
        held.trial.stop(order.urgent)
      }
    }
    if (state === 'paused' && !this.#saidPaused) this.#say({ type: 'paused', reason: reason ?? '' })
    this.#saidPaused = state === 'paused'
    return exit
  }

  #start(order: RunOrder, sweep: AgentRegistered & { id: string }): void {
    if (this.#held.get(order.trial)?.order.attempt === order.attempt) return
    const trial = this.#options.run(order, sweep)
    const held: Held = { order, trial }
    this.#held.set(order.trial, held)
    this.#taken++
    this.#say({ type: 'started', order })
    trial.ended.then((outcome) => {
      this.#held.delete(order.trial)
      if (outcome.exitCode === 0) this.#finished++
      else if (!held.stopping) this.#failed++
      this.#ended.push({ order, outcome })
      this.#say({ type: 'ended', order, outcome, asked: held.stopping === true })
      this.#wake()
    })
  }

  /** Ends what runs and says so, so that others can take it at once. */
  async #leave({ agent }: AgentRegistered): Promise<AgentSummary> {
    const { host, sweep, signal } = this.#options
    const reason = signal?.aborted ? 'it was ended' : `it has run the ${this.#taken} trials it was to run`
    const held = [...this.#held.values()]
    const interrupted = new Set(held.map(({ order }) => order.trial))
    for (const { trial } of held) trial.stop(true)
    await Promise.all(held.map(({ trial }) => trial.ended))
    const ended = this.#ended.map((entry) => ({ ...endOf(entry), interrupted: interrupted.has(entry.order.trial) }))
    // If the server cannot be reached now, the lease runs out instead.
    await host.beat(sweep, agent, { running: [], ended, wants: 0, leaving: true }).catch(() => {})
    return this.#summary(reason)
  }

  /** Asks until there is an answer. */
  async #reach<T>(ask: () => Promise<T>): Promise<T> {
    const { patience = 300, signal } = this.#options
    for (let pause = 100; ; pause = Math.min(pause * 1.6, 5000)) {
      try {
        const answer = await ask()
        if (this.#silentSince !== undefined) this.#say({ type: 'reachable' })
        this.#silentSince = undefined
        return answer
      } catch (error) {
        const refused = error instanceof ApiFailure && error.status < 500
        if (error instanceof UnknownSweepError) throw error
        if (refused) throw new AgentError((error as Error).message, { cause: error })
        const message = `${(error as Error).message}${(error as Error).cause ? ` (${((error as Error).cause as Error).message})` : ''}`
        if (this.#silentSince === undefined) this.#say({ type: 'unreachable', message })
        this.#silentSince ??= Date.now()
        if (signal?.aborted || Date.now() - this.#silentSince > patience * 1000)
          throw new AgentError(`the server does not answer: ${message}`, { cause: error })
        await sleep(pause * (0.75 + Math.random() / 2))
      }
    }
  }

  #rest(lease: number): Promise<void> {
    const seconds = this.#options.beatEvery ?? Math.min(lease / 10, 1)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #say(event: AgentEvent): void {
    this.#options.onEvent?.(event)
  }

  #summary(reason: string): AgentSummary {
    return { finished: this.#finished, failed: this.#failed, reason }
  }
}
