/** Where the parts of the table stand, the same for its head and all rows. */
import type { ColumnId } from '@trainyard/tracker/api'

export interface TableLayout {
  /** Space for ticking and for the colour, before the name. */
  lead: number
  nameWidth: number
  pinned: readonly { column: ColumnId; left: number }[]
  /** Columns in sight that are not pinned; `index` counts them from the first of those. */
  visible: readonly { column: ColumnId; left: number; index: number }[]
  widthOf(column: ColumnId): number
}

export interface RowPlace {
  id: string
  index: number
  top: number
  /** The keyboard is here. */
  active: boolean
}
