import { setTimeout } from 'node:timers/promises'
import type { Case } from './cases/case.ts'
import type { PeerEntry } from './peers/installed.ts'
import { type Answer, type Peer, startPeer } from './peers/peer.ts'
import type { BesideReport, CaseReport, Figure } from './report/report.ts'

/** A peer that runs. */
export interface Running {
  readonly entry: PeerEntry
  readonly peer: Peer
}

export interface Conditions {
  readonly threads: number
  readonly rounds: number
}

/** Once a slow peer has taken so long for a case, its figure stands. In milliseconds. */
const longEnough = 10_000
const slow = 5
/** Threads that wait spin for a moment before they sleep; nobody is timed meanwhile. */
const pause = 20

export const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]

/** The answers of one side over the rounds. */
class Series {
  readonly seconds: number[] = []
  readonly shares: number[] = []
  readonly ratios: number[] = []
  spent = 0
  last: Answer = { seconds: null }

  add(answer: Answer, cores: number): void {
    this.last = answer
    const { seconds, flops, peakGflops } = answer
    if (seconds === null) return
    this.seconds.push(seconds)
    if (flops && peakGflops) this.shares.push(flops / seconds / 1e9 / (peakGflops * cores))
  }

  figure(flops: number | undefined): Figure {
    const { note, details, plannedBytes, peakBytes } = this.last
    const seconds = middle(this.seconds)
    return {
      seconds,
      ...(flops && { gflops: flops / seconds / 1e9 }),
      ...(this.shares.length > 0 && { shareOfPeak: middle(this.shares) }),
      ...(note && { note }),
      ...(details && { details }),
      ...(plannedBytes && { plannedBytes }),
      ...(peakBytes && { peakBytes }),
    }
  }
}

/** Whether a variant of Trainyard runs a case: one thread is nothing new to what has one core. */
function wants({ variants, oneCore }: Case, id: string): boolean {
  if (oneCore && id === 'one-thread') return false
  return typeof variants === 'object' ? variants.includes(id) : variants === true
}

/** Asks a running peer, or for a case from cold a new one of its kind. */
async function ask({ entry, peer }: Running, wanted: Case, threads: number): Promise<Answer> {
  const { name, repeats, cold = false, oneCore = false, request } = wanted
  const question = { case: name, repeats, threads: oneCore ? 1 : threads, cold, ...request }
  if (!cold) return peer.ask(question)
  const command = entry.command(threads)
  const fresh = typeof command === 'string' ? command : await startPeer(command)
  if (typeof fresh === 'string') return { seconds: null, note: fresh }
  try {
    return await fresh.ask(question)
  } finally {
    fresh.close()
  }
}

/**
 * Measures a case: each round once here and once in every peer, in turn, so that whatever else the machine does meets
 * all of them. Null where it cannot be run here.
 */
export async function measure(
  wanted: Case,
  own: Running,
  beside: readonly Running[],
  { threads, rounds }: Conditions,
): Promise<CaseReport | { readonly failed: string }> {
  const cores = wanted.oneCore ? 1 : threads
  const ours = new Series()
  const theirs = beside
    .filter(({ entry }) => !entry.variant || wants(wanted, entry.id))
    .map((running) => ({ running, series: new Series() }))
  for (let round = 0; round < Math.min(rounds, wanted.rounds ?? rounds); round++) {
    const answer = await ask(own, wanted, threads)
    if (answer.seconds === null) return { failed: answer.note ?? 'no answer' }
    ours.add(answer, cores)
    await setTimeout(pause)
    for (const { running, series } of theirs) {
      if (round > 0 && series.seconds.length === 0) continue
      if (series.spent > longEnough && middle(series.ratios) > slow) continue
      const start = performance.now()
      const said = await ask(running, wanted, threads)
      series.spent += performance.now() - start
      series.add(said, running.entry.id === 'one-thread' ? 1 : cores)
      if (said.seconds !== null) series.ratios.push(said.seconds / answer.seconds)
      await setTimeout(pause)
    }
  }
  const { flops } = ours.last
  return {
    name: wanted.name,
    group: wanted.group,
    unit: wanted.unit,
    ...ours.figure(flops),
    beside: theirs.map(({ running: { entry }, series }): BesideReport => {
      const common = { name: entry.name, variant: entry.variant ?? false }
      if (series.seconds.length === 0) return { ...common, ...(series.last.note && { note: series.last.note }) }
      return { ...common, ...series.figure(flops), ratio: middle(series.ratios) }
    }),
  }
}
