/** How commands talk to people: on a terminal, or in a test. */

export interface Io {
  /** A line of the result, for standard output. */
  print(text: string): void
  /** A line about the work, for standard error. */
  note(text: string): void
}

/** Results on standard output, notes on standard error. */
export const terminal: Io = { print: (text) => console.log(text), note: (text) => console.error(text) }

/** A command cannot be carried out; its message is all that a person needs. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** Control characters of hostile names would drive the terminal, or turn its text round: they are shown as what they are. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are meant
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => {
    const code = c.charCodeAt(0).toString(16)
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`
  })

const MAX_CELL = 80

const shortened = (text: string): string => (text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text)

/** Columns side by side, numbers to the right; what is very long is cut, as one cell would push all others off the screen. */
export function textTable(head: string[], rows: string[][]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => shortened(printable(cell))))
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)))
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => /^(-?[\d.]+(e[+-]?\d+)?|—|)$/.test(row[i])))
  return all
    .map((row) =>
      row
        .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Numbers with five digits, nothing as a dash. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '—'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)))
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 60) return `${s}s`
  if (s < 3600) return `${Math.floor(s / 60)}m${String(s % 60).padStart(2, '0')}s`
  return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`
}

export const date = (time: number): string => new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ')
