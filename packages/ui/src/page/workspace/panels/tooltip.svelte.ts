/** The one tooltip of all charts. */
import type { XKind } from '../../charts/line.ts'
import type { Hover } from '../../charts/lineChart.ts'

export interface TooltipContent {
  source: string
  hover: Hover
  xKind: XKind
  axis: string
  showRange: boolean
  /** In the window. */
  left: number
  top: number
}

class TooltipStore {
  content = $state.raw<TooltipContent | null>(null)

  show(content: TooltipContent): void {
    this.content = content
  }

  leave(source: string): void {
    if (this.content?.source === source) this.content = null
  }
}

export const tooltip = new TooltipStore()
