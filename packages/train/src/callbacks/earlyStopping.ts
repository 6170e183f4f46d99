import { TrainyardError } from '@trainyard/core'
import type { Callback } from './callback.ts'
import { type Watched, watchedValue } from './watch.ts'

/** What is watched, and how long without progress is borne. */
export interface EarlyStoppingOptions extends Watched {
  /** Epochs without improvement that are waited for. Default 5. */
  readonly patience?: number
  /** What counts as an improvement. Default 0: anything. */
  readonly minDelta?: number
}

/** Ends the training when a metric has not improved for some epochs. */
export function earlyStopping({ patience = 5, minDelta = 0, ...watched }: EarlyStoppingOptions = {}): Callback {
  if (!Number.isInteger(patience) || patience < 0) {
    throw new TrainyardError(`earlyStopping: patience must be a whole number of at least 0, got ${patience}`)
  }
  const { mode } = watched
  if (mode !== undefined && mode !== 'min' && mode !== 'max') {
    throw new TrainyardError(`earlyStopping: mode must be min or max, got ${mode}`)
  }
  let best = Number.POSITIVE_INFINITY
  let waited = 0
  return {
    name: 'earlyStopping',
    onEpochEnd(context) {
      const value = watchedValue(watched, context.history.at(-1)!)
      if (value < best - minDelta) {
        best = value
        waited = 0
      } else if (++waited >= patience) {
        context.stop(`no improvement for ${waited} epochs`)
      }
    },
    stateDict: () => ({ best: Number.isFinite(best) ? best : null, waited }),
    loadStateDict(state) {
      best = (state.best as number | null) ?? Number.POSITIVE_INFINITY
      waited = state.waited as number
    },
  }
}
