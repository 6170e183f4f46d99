import { activeTrace, type Trace } from '../runtime/trace.ts'

/**
 * Counts the steps of parameters that began together. In a compiled function the count is not part of the program: every
 * run asks for it, and it moves on by as many steps as the function makes.
 */
export class Clock {
  /** Steps made so far. */
  steps: number
  readonly #runs = new WeakMap<Trace, { stepsPerRun: number; asked: number; base: number }>()

  constructor(steps = 0) {
    this.steps = steps
  }

  /** A function that gives the number of this step, from 1, at each run; it must be asked exactly once a run. */
  ticker(): () => number {
    const trace = activeTrace()
    if (!trace) {
      this.steps++
      const number = this.steps
      return () => number
    }
    let run = this.#runs.get(trace)
    if (!run) this.#runs.set(trace, (run = { stepsPerRun: 0, asked: 0, base: 0 }))
    const place = run.stepsPerRun++
    return () => {
      if (run.asked === 0) {
        run.base = this.steps
        this.steps += run.stepsPerRun
      }
      run.asked = (run.asked + 1) % run.stepsPerRun
      return run.base + place + 1
    }
  }
}
