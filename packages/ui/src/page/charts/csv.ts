/** The lines of a chart as a CSV table (RFC 4180): a row for each point of each line. */
import type { Line } from './line.ts'

export const csvCell = (value: string | number | boolean | null | undefined): string => {
  if (value === null || value === undefined) return ''
  const text = String(value)
  // A spreadsheet would run what starts like a formula.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csvRow = (cells: readonly (string | number | boolean | null | undefined)[]): string =>
  cells.map(csvCell).join(',')

export function linesToCsv(lines: readonly Line[], xLabel: string, yLabel: string): string {
  const hasBand = lines.some((line) => line.low)
  const hasRaw = lines.some((line) => line.raw)
  const head = ['line', xLabel, yLabel, ...(hasRaw ? ['unsmoothed'] : []), ...(hasBand ? ['low', 'high'] : [])]
  const rows = [csvRow(head)]
  for (const line of lines)
    for (let i = 0; i < line.x.length; i++)
      rows.push(
        csvRow([
          line.label,
          line.x[i],
          line.y[i],
          ...(hasRaw ? [line.raw?.[i]] : []),
          ...(hasBand ? [line.low?.[i], line.high?.[i]] : []),
        ]),
      )
  return `${rows.join('\r\n')}\r\n`
}
