import { formatBytes, formatRatio, formatSeconds, formatShare } from './format.ts'
import type { CaseReport } from './report.ts'

/** What a case is meant to reach. */
interface Goal {
  readonly cases: RegExp
  readonly what: string
  readonly wanted: string
  /** Null where it was not measured. */
  readonly reached: (entry: CaseReport) => { readonly met: boolean; readonly text: string } | null
}

const fasterThan = (peer: string, cases: RegExp, ratio: number): Goal => ({
  cases,
  what: `against ${peer}`,
  wanted: `≥ ${ratio}×`,
  reached({ beside }) {
    const found = beside.find(({ name }) => name === peer)?.ratio
    return found === undefined ? null : { met: found >= ratio, text: formatRatio(found) }
  },
})

const shareOfPeak = (cases: RegExp, share: number): Goal => ({
  cases,
  what: 'of the peak',
  wanted: `≥ ${formatShare(share)}`,
  reached: ({ shareOfPeak: found }) => (found === undefined ? null : { met: found >= share, text: formatShare(found) }),
})

const within = (cases: RegExp, seconds: number): Goal => ({
  cases,
  what: 'time',
  wanted: `≤ ${formatSeconds(seconds)}`,
  reached: ({ seconds: found }) => ({ met: found <= seconds, text: formatSeconds(found) }),
})

const memoryWithin = (what: 'plannedBytes' | 'peakBytes', bytes: number): Goal => ({
  cases: /^unet_memory$/,
  what: what === 'plannedBytes' ? 'memory planned' : 'memory of the process',
  wanted: `≤ ${formatBytes(bytes)}`,
  reached({ [what]: found }) {
    return found === undefined ? null : { met: found <= bytes, text: formatBytes(found) }
  },
})

/** What is asked of the whole speed; of half of it where V8 does not join vectors. */
const ofSpeed = (part: number): readonly Goal[] => [
  fasterThan('PyTorch', /^xor_step$/, 50 * part),
  fasterThan('JAX', /^xor_step$/, part),
  fasterThan('PyTorch', /^mlp_step$/, 2 * part),
  fasterThan('JAX', /^mlp_step$/, part),
  fasterThan('PyTorch', /^cnn_(step|epoch)$/, 4 * part),
  fasterThan('PyTorch', /^unet_step$/, 1.7 * part),
  fasterThan('PyTorch', /^unet_infer$/, 1.3 * part),
  shareOfPeak(/^gemm(_1024| 1024x1024x1024)$/, 0.85 * part),
  shareOfPeak(/^decoder /, 0.7 * part),
  shareOfPeak(/^unet_step$/, 0.5 * part),
]

/** A goal for a case as it is with 128-bit vectors, whose peak is half as high. */
const withNarrowVectors = (goal: Goal): Goal => ({
  ...goal,
  what: `${goal.what}, 128-bit vectors`,
  reached(entry) {
    const slower = entry.beside.find(({ name }) => name === '128-bit vectors')?.ratio
    if (slower === undefined) return null
    return goal.reached({
      ...entry,
      ...(entry.shareOfPeak === undefined ? {} : { shareOfPeak: entry.shareOfPeak / slower }),
      beside: entry.beside.map((peer) => (peer.ratio === undefined ? peer : { ...peer, ratio: peer.ratio / slower })),
    })
  },
})

const goals: readonly Goal[] = [
  ...ofSpeed(1),
  ...ofSpeed(0.5).map(withNarrowVectors),
  within(/^xor_step$/, 8e-6),
  fasterThan('one thread', /^unet_step$/, 1.8),
  fasterThan('TensorFlow.js', /_(step|call|infer|1024)$/, 20),
  fasterThan('jax-js', /_(step|call|infer|1024)$/, 20),
  within(/^unet_first$/, 3),
  memoryWithin('plannedBytes', 2.5e9),
  memoryWithin('peakBytes', 2.5e9),
]

export interface GoalResult {
  readonly name: string
  readonly what: string
  readonly wanted: string
  readonly reached: string
  readonly met: boolean
}

/** Of more cases than this, a goal tells the missing ones and how many there are. */
const mostNamed = 12

/** The goals that were measured, and what came of them. */
export function resultsOf(cases: readonly CaseReport[]): GoalResult[] {
  return goals.flatMap(({ cases: named, what, wanted, reached }) => {
    const results = cases
      .filter(({ name }) => named.test(name))
      .flatMap((entry): GoalResult[] => {
        const found = reached(entry)
        return found ? [{ name: entry.name, what, wanted, reached: found.text, met: found.met }] : []
      })
    if (results.length <= mostNamed) return results
    const missed = results.filter(({ met }) => !met)
    const count = `${results.length - missed.length} of ${results.length}`
    return [{ name: `${results.length} cases`, what, wanted, reached: count, met: missed.length === 0 }, ...missed]
  })
}
