/** A trial as a stopping rule sees it. */
export interface History {
  readonly id: string
  /** Only running trials are ever stopped; those that ended are what they are compared with. */
  readonly running: boolean
  /** Every value of the metric, in the order in which it was logged: the n-th value is iteration n. */
  readonly values: readonly number[]
  /** For rules that judge a trial once per rung: the highest rung it has passed already. */
  readonly passedRung?: number
}

/** What a rule says about one trial that is to stop. */
export interface Verdict {
  readonly id: string
  /** At how many logged values it was judged. */
  readonly iteration: number
  /** The value it was judged by, and the one it should have reached (both as logged). */
  readonly value: number
  readonly threshold: number
}

export type Goal = 'minimize' | 'maximize'

/** The finite values, as something to minimise. */
export function losses(values: readonly number[], goal: Goal): number[] {
  const finite = values.filter((value) => Number.isFinite(value))
  return goal === 'maximize' ? finite.map((value) => -value) : finite
}

/** A loss as the value that was logged. */
export const logged = (loss: number, goal: Goal): number => (goal === 'maximize' ? -loss + 0 : loss)
