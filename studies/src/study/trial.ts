/** What a sweep's agent tells a study that runs as one of its trials, in the environment. */
export interface TrialOrders {
  /** The run that the trial is. */
  readonly run: string
  /** The epoch to train up to, where the sweep stops trials at rungs or in generations. */
  readonly iterations: number | null
  /** The folder of the run from whose checkpoint to go on. */
  readonly continuesFolder: string | null
}

/** The orders, or null where this is no trial. */
export function trialOrders(environment = process.env): TrialOrders | null {
  const { TRAINYARD_SWEEP_ID, TRAINYARD_RUN_ID, TRAINYARD_ITERATIONS, TRAINYARD_CONTINUES_FOLDER } = environment
  if (!TRAINYARD_SWEEP_ID || !TRAINYARD_RUN_ID) return null
  const iterations = Number(TRAINYARD_ITERATIONS)
  return {
    run: TRAINYARD_RUN_ID,
    iterations: Number.isInteger(iterations) && iterations > 0 ? iterations : null,
    continuesFolder: TRAINYARD_CONTINUES_FOLDER || null,
  }
}
