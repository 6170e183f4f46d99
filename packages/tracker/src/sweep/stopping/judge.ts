import type { Sweep } from '../configuration/sweep.ts'
import { type AshaVerdicts, ashaStopping } from './asha.ts'
import type { History } from './history.ts'
import { hyperband } from './hyperband.ts'
import { medianStopping } from './median.ts'

/**
 * Which running trials of a sweep its `early_terminate` stops now. Promotion stops none: its trials end by themselves.
 */
export function judge(
  { stopping, metric }: Pick<Sweep, 'stopping' | 'metric'>,
  histories: readonly History[],
): AshaVerdicts {
  if (!stopping || !metric) return { stop: [], passed: [] }
  const { goal } = metric
  switch (stopping.type) {
    case 'hyperband':
      return { stop: hyperband(histories, { ...stopping, goal }), passed: [] }
    case 'median':
      return { stop: medianStopping(histories, { ...stopping, goal }), passed: [] }
    case 'asha_stopping':
      return ashaStopping(histories, { ...stopping, goal })
    case 'asha_promotion':
      return { stop: [], passed: [] }
  }
}
