import { received, TrainyardError } from '../../errors.ts'
import { checkRange } from '../check.ts'
import { cosineBetween } from './cosine.ts'
import { type AnyOptimizer, checkCount, Schedule } from './schedule.ts'

/** How long the cycle is, and how it rises and falls. */
export interface OneCycleOptions {
  /** How many steps the cycle has. */
  readonly totalSteps: number
  /** Share of the cycle in which the rate rises. Default 0.3. */
  readonly pctStart?: number
  /** Along half a cosine ('cos', the default) or a straight line. */
  readonly annealStrategy?: 'cos' | 'linear'
  /** The rate starts from maxLr / divFactor. Default 25. */
  readonly divFactor?: number
  /** The rate ends at its start / finalDivFactor. Default 10,000. */
  readonly finalDivFactor?: number
  /** Whether the rate returns to its start before it falls to the end. Default false. */
  readonly threePhase?: boolean
  /** Whether momentum (or Adam's first β) moves the other way. Default true. */
  readonly cycleMomentum?: boolean
  /** Default 0.85. */
  readonly baseMomentum?: number
  /** Default 0.95. */
  readonly maxMomentum?: number
}

interface Phase {
  readonly end: number
  readonly lr: readonly [from: number, to: number]
  readonly momentum: readonly [from: number, to: number]
}

/**
 * Raises the learning rate and lowers it far below its start, in one cycle (Smith and Topin, "Super-convergence", 2018).
 * Call `step` after every batch. The options' defaults are PyTorch's. After the last step the rate stays where it is.
 *
 * @example
 * ```ts
 * const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1, momentum: 0.9 })
 * const schedule = new optim.OneCycleLR(optimizer, 0.4, { totalSteps: 1000 })
 * ```
 */
export class OneCycleLR extends Schedule {
  readonly maxLr: number
  readonly #phases: readonly Phase[]
  readonly #between: (start: number, end: number, done: number) => number
  readonly #cycleMomentum: boolean

  constructor(optimizer: AnyOptimizer, maxLr: number, options: OneCycleOptions) {
    super(optimizer)
    const {
      totalSteps,
      pctStart = 0.3,
      annealStrategy = 'cos',
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
      cycleMomentum = true,
      baseMomentum = 0.85,
      maxMomentum = 0.95,
    } = options
    checkRange(maxLr, 'OneCycleLR: maxLr', 0)
    checkCount(totalSteps, 'OneCycleLR: totalSteps')
    checkRange(pctStart, 'OneCycleLR: pctStart', 0, 1)
    for (const [name, factor] of Object.entries({ divFactor, finalDivFactor })) {
      if (!(factor > 0)) throw new TrainyardError(`OneCycleLR: ${name} must be above 0, got ${received(factor)}`)
    }
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear') {
      throw new TrainyardError(`OneCycleLR: annealStrategy must be cos or linear, got ${received(annealStrategy)}`)
    }
    this.maxLr = maxLr
    this.#cycleMomentum = cycleMomentum
    this.#between =
      annealStrategy === 'cos'
        ? cosineBetween
        : (start: number, end: number, done: number) => start + (end - start) * done
    const start = maxLr / divFactor
    const rise: Phase = { end: pctStart * totalSteps - 1, lr: [start, maxLr], momentum: [maxMomentum, baseMomentum] }
    const last = { end: totalSteps - 1, momentum: [baseMomentum, maxMomentum] as const }
    this.#phases = threePhase
      ? [
          rise,
          { end: 2 * pctStart * totalSteps - 2, lr: [maxLr, start], momentum: [baseMomentum, maxMomentum] },
          { end: totalSteps - 1, lr: [start, start / finalDivFactor], momentum: [maxMomentum, maxMomentum] },
        ]
      : [rise, { ...last, lr: [maxLr, start / finalDivFactor] }]
    this.apply()
  }

  #at(quantity: 'lr' | 'momentum', epoch: number): number {
    const phases = this.#phases
    const found = phases.findIndex(({ end }) => epoch <= end)
    const place = found < 0 ? phases.length - 1 : found
    const begin = phases[place - 1]?.end ?? 0
    const { end } = phases[place]
    const done = end > begin ? Math.min(1, Math.max(0, (epoch - begin) / (end - begin))) : 1
    const [from, to] = phases[place][quantity]
    return this.#between(from, to, done)
  }

  lrAt(_: number, epoch: number): number {
    return this.#at('lr', epoch)
  }

  protected override apply(): void {
    super.apply()
    if (!this.#cycleMomentum) return
    const momentum = this.#at('momentum', this.lastEpoch)
    for (const group of this.optimizer.paramGroups) {
      if (group.betas) group.betas = [momentum, group.betas[1]]
      else if (typeof group.momentum === 'number') group.momentum = momentum
    }
  }
}
