/**
 * Which step a call of `log` belongs to: wandb's rule. Calls without a step make a row each and count up by one; a call with a step opens a row
 * that further calls with the same step join, until a larger step comes or `commit` is true.
 */

export type StepConflict = 'append' | 'warn' | 'error'

export interface RowPlace {
  step: number
  /** The values join the row before. */
  continues: boolean
  /** The step was below the current one. */
  conflict: boolean
}

export class StepRule {
  /** The step that the next call without one gets. */
  current: number
  private openStep = Number.NaN

  constructor(first = 0) {
    this.current = first
  }

  place(step: number | undefined, commit: boolean | undefined): RowPlace {
    const conflict = step !== undefined && step < this.current
    if (step !== undefined && step > this.current) this.current = step
    const at = conflict ? step : this.current
    const continues = at === this.openStep
    const closes = commit ?? step === undefined
    this.openStep = closes ? Number.NaN : at
    if (closes && !conflict) this.current++
    return { step: at, continues, conflict }
  }
}
