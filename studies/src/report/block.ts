/** What a report is made of, in reading order. Texts are Markdown. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string; readonly level: 2 | 3 }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | ({ readonly kind: 'table' } & Table)
  | ({ readonly kind: 'figure' } & Figure)

/** Rows of cells; a cell is Markdown, a number is written as it is. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Says what is counted and on how many runs or images it rests. */
  readonly caption: string
  /** Which columns hold text and begin at the left; all others end at the right. Default: the first. */
  readonly textColumns?: readonly number[]
}

export type Cell = string | number

/** A picture in SVG, with what it shows and how many things it rests on. */
export interface Figure {
  /** The file's name without its ending. */
  readonly name: string
  readonly title: string
  readonly caption: string
  readonly svg: string
}

/** A number worth knowing before reading on. */
export interface Fact {
  readonly label: string
  readonly value: string
  readonly detail?: string
}
