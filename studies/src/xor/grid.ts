import { Generator } from '@trainyard/core'
import { deriveSeed } from '../study/deriveSeed.ts'
import { noisyXor, type XorData } from './data.ts'
import { gridOf, type XorOutcome, XorTrainer, type XorTraining } from './train.ts'

export const DEPTHS = [0, 1, 2, 3] as const
export const WIDTHS = [1, 2, 3] as const

/** Test accuracy from which on a network counts as having solved the task; the noise itself costs next to nothing. */
export const SOLVED_AT = 0.99

/** The part of the plane that pictures show. */
export const PLANE = { low: -0.5, high: 1.5, side: 49 } as const

export interface XorSetting {
  readonly seed: number
  readonly repeats: number
  /** Which shapes are trained. Default: all of the study. */
  readonly depths?: readonly number[]
  readonly widths?: readonly number[]
  readonly training: XorTraining
  /** Standard deviation of the noise. */
  readonly deviation: number
  readonly trainSize: number
  readonly testSize: number
}

/** All repeats of one network shape. */
export interface XorCell {
  readonly depth: number
  readonly width: number
  /** Counted from the model. */
  readonly parameters: number
  readonly outcomes: readonly XorOutcome[]
}

export interface XorSets {
  readonly train: XorData
  readonly test: XorData
}

/** The points of a study: the same for all its networks. */
export async function xorSets({ seed, deviation, trainSize, testSize }: XorSetting): Promise<XorSets> {
  const generator = new Generator(deriveSeed(seed, 'xor', 'points'))
  return {
    train: await noisyXor(trainSize, deviation, generator),
    test: await noisyXor(testSize, deviation, generator),
  }
}

/**
 * Trains every depth and width, `repeats` times from new weights in a new order.
 *
 * @param onOutcome Called after every network.
 */
export async function trainGrid(
  setting: XorSetting,
  sets: XorSets,
  onOutcome: (cell: Omit<XorCell, 'outcomes'>, repeat: number, outcome: XorOutcome) => void,
): Promise<XorCell[]> {
  const grid = gridOf(PLANE.low, PLANE.high, PLANE.side)
  const cells: XorCell[] = []
  const { depths = DEPTHS, widths = WIDTHS } = setting
  for (const depth of depths) {
    for (const width of widths) {
      const trainer = new XorTrainer(depth, width, { ...sets, grid })
      const parameters = trainer.model.parameters().reduce((sum, { size }) => sum + size, 0)
      const outcomes: XorOutcome[] = []
      for (let repeat = 0; repeat < setting.repeats; repeat++) {
        const outcome = await trainer.run(setting.training, deriveSeed(setting.seed, 'xor', depth, width, repeat))
        outcomes.push(outcome)
        onOutcome({ depth, width, parameters }, repeat, outcome)
      }
      cells.push({ depth, width, parameters, outcomes })
    }
  }
  return cells
}
