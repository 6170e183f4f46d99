/** What the routes work with. */

import type { Catalogue } from '../index/queries/catalogue.ts'
import type { SeriesRuns } from '../index/queries/series.ts'
import type { RunIndex } from '../index/runIndex.ts'
import type { EventHub } from './events.ts'
import type { SweepService } from './sweepService.ts'

export interface ServerContext {
  index: RunIndex
  catalogue: Catalogue
  seriesRuns: SeriesRuns
  events: EventHub
  sweeps: SweepService
}
