/** What a board calls its panels, so that media are not called charts. */
export interface PanelWords {
  search: string
  /** Title where there is none. */
  none: string
  hint: string
}

export const chartWords: PanelWords = {
  search: 'Search charts',
  none: 'Nothing to chart yet',
  hint: 'Every key that a run logs gets a chart here, as soon as its first value arrives.',
}
