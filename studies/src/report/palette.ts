/**
 * The colours of reports and figures, as CSS variables with a light and a dark value. The two series are told apart by
 * people with any colour vision (Okabe and Ito's blue and orange, made darker on paper and lighter on black).
 */
export const colours = {
  paper: { light: '#ffffff', dark: '#15171c' },
  raised: { light: '#f5f6f8', dark: '#1f2229' },
  ink: { light: '#1b1f27', dark: '#e8eaee' },
  quiet: { light: '#5c6470', dark: '#9aa3b1' },
  rule: { light: '#dfe2e8', dark: '#343943' },
  first: { light: '#0064b1', dark: '#58aef0' },
  second: { light: '#c85a00', dark: '#f0a04b' },
  wrong: { light: '#b3261e', dark: '#ff8a80' },
} as const

export type Colour = keyof typeof colours

/** A colour as it is written in a figure. */
export function colour(name: Colour): string {
  return `var(--${name})`
}

/** A colour between two, `share` (0–1) of the way from the first to the second. */
export function mix(from: string, to: string, share: number): string {
  return `color-mix(in oklab, ${to} ${Math.round(share * 100)}%, ${from})`
}

const declarations = (mode: 'light' | 'dark') =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value[mode]}`)
    .join(';')

/** Rules that define the variables for a selector, following the reader's preference. */
export function paletteStyle(selector: string): string {
  return `${selector}{${declarations('light')}}@media(prefers-color-scheme:dark){${selector}{${declarations('dark')}}}`
}
