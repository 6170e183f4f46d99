import { styleText } from 'node:util'
import { formatBytes, formatRatio, formatSeconds, formatShare } from './format.ts'
import { resultsOf } from './goals.ts'
import type { BesideReport, CaseReport, Figure, Report } from './report.ts'

/** Kernels are read by their rate, all else by its time. */
function figure({ seconds, gflops, shareOfPeak, plannedBytes, peakBytes }: Figure, group: string): string {
  return [
    group === 'kernels' && gflops ? `${gflops.toFixed(1)} GFLOP/s` : formatSeconds(seconds),
    shareOfPeak ? `${formatShare(shareOfPeak)} of peak` : '',
    plannedBytes ? `${formatBytes(plannedBytes)} planned` : '',
    plannedBytes && peakBytes ? `${formatBytes(peakBytes)} used` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

function column(other: BesideReport, { group, plannedBytes }: CaseReport): string {
  if (other.seconds === undefined || other.ratio === undefined) return ''
  const memory = plannedBytes && other.peakBytes ? `, ${formatBytes(other.peakBytes)} used` : ''
  const ratio = styleText(other.ratio >= 1 ? 'green' : 'red', formatRatio(other.ratio))
  return `${other.name} ${figure({ seconds: other.seconds, gflops: other.gflops }, group)}${memory} ${ratio}`
}

/** A line for the terminal. */
export function caseLine(entry: CaseReport): string {
  const details = Object.entries(entry.details ?? {}).map(([what, seconds]) => `${what} ${formatSeconds(seconds)}`)
  const own = [figure(entry, entry.group), ...details].join(', ')
  return [entry.name.padEnd(38), own, ...entry.beside.map((other) => column(other, entry))].filter(Boolean).join('  ')
}

/** What was meant to be reached and was, or was not. */
export function goalLines({ cases }: Report): string[] {
  return resultsOf(cases).map(({ name, what, wanted, reached, met }) => {
    const mark = met ? styleText('green', '✓') : styleText('red', '✗')
    return `${mark} ${name.padEnd(38)} ${what}: ${reached} (${wanted})`
  })
}
