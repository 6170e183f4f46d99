/** The order of the trials' table. */
import type { Json, Trial } from '@trainyard/tracker/api'

export interface TrialSort {
  /** A field of the trial, `duration`, or `params.NAME`. */
  column: string
  descending: boolean
}

function trialValue(trial: Trial, column: string): Json {
  if (column.startsWith('params.')) return trial.params[column.slice(7)] ?? null
  if (column === 'duration') return trial.started === null || trial.ended === null ? null : trial.ended - trial.started
  return (trial[column as keyof Trial] as Json | undefined) ?? null
}

/** What has no value comes last in either direction. */
export function sortTrials(trials: readonly Trial[], { column, descending }: TrialSort): Trial[] {
  const keyed = trials.map((trial) => ({ trial, key: trialValue(trial, column) }))
  keyed.sort((a, b) => {
    const missing = (key: Json) => key === null || (typeof key === 'number' && Number.isNaN(key))
    if (missing(a.key) || missing(b.key)) return Number(missing(a.key)) - Number(missing(b.key))
    const order =
      typeof a.key === 'number' && typeof b.key === 'number'
        ? a.key - b.key
        : String(a.key).localeCompare(String(b.key), 'en', { numeric: true })
    return descending ? -order : order
  })
  return keyed.map(({ trial }) => trial)
}
