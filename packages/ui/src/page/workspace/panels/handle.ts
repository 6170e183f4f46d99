/** What others may do with a chart that is on screen. */
import type { Picture } from '../../charts/svg.ts'

export interface ChartHandle {
  zoomed: boolean
  reset(): void
  nonFinite: number
  picture(): Pick<Picture, 'title' | 'lines' | 'bounds' | 'xKind' | 'xLabel' | 'logX' | 'logY' | 'showRange'>
}
