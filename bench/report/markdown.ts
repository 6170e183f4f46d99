import { formatBytes, formatRatio, formatSeconds, formatShare } from './format.ts'
import { resultsOf } from './goals.ts'
import type { CaseReport, Report } from './report.ts'

export const beginMark = '<!-- figures: begin -->'
export const endMark = '<!-- figures: end -->'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map((_, i) => (i === 0 ? '---' : '--:'))),
  ...rows.map(row),
]

function besideCell({ beside }: CaseReport, name: string): string {
  const found = beside.find((other) => other.name === name)
  if (found?.seconds === undefined || found.ratio === undefined) return ''
  return `${formatSeconds(found.seconds)} (${formatRatio(found.ratio)})`
}

const shareCell = ({ shareOfPeak }: CaseReport): string => (shareOfPeak === undefined ? '' : formatShare(shareOfPeak))

/** Models beside the peers. */
function models(cases: readonly CaseReport[], peers: readonly string[]): string[] {
  const rows = cases.map((entry) => [
    entry.name,
    formatSeconds(entry.seconds),
    shareCell(entry),
    ...peers.map((peer) => besideCell(entry, peer)),
  ])
  return table(['case', 'Trainyard', 'of peak', ...peers], rows)
}

/** Trainyard with one thread, 128-bit vectors, strict flavour: the time, and how much of the speed that is. */
function variants(cases: readonly CaseReport[]): string[] {
  const names = [...new Set(cases.flatMap(({ beside }) => beside.filter(({ variant }) => variant).map((v) => v.name)))]
  const cell = ({ beside }: CaseReport, name: string): string => {
    const found = beside.find((other) => other.name === name)
    if (found?.seconds === undefined || found.ratio === undefined) return ''
    return `${formatSeconds(found.seconds)} (${formatShare(1 / found.ratio)})`
  }
  const rows = cases.map((entry) => [
    entry.name,
    formatSeconds(entry.seconds),
    ...names.map((name) => cell(entry, name)),
  ])
  return table(['case', 'as it is', ...names], rows)
}

function start(cases: readonly CaseReport[]): string[] {
  return cases.flatMap((entry) => {
    const { name, seconds, details = {}, plannedBytes, peakBytes, beside } = entry
    const more = Object.entries(details).map(([what, time]) => `${what} ${formatSeconds(time)}`)
    const memory =
      plannedBytes && peakBytes ? [`${formatBytes(plannedBytes)} planned, process ${formatBytes(peakBytes)}`] : []
    const others = beside
      .filter((other) => other.seconds !== undefined)
      .map((other) =>
        plannedBytes
          ? `${other.name}'s process ${formatBytes(other.peakBytes ?? 0)}`
          : `${other.name} ${formatSeconds(other.seconds!)}`,
      )
    return [
      `- \`${name}\`: ${[...(plannedBytes ? [] : [formatSeconds(seconds)]), ...more, ...memory, ...others].join('; ')}`,
    ]
  })
}

/** Kernels on one core; the passes of a convolution side by side. */
function kernels(cases: readonly CaseReport[], peers: readonly string[]): string[] {
  const cell = (entry: CaseReport | undefined): string => {
    if (!entry) return ''
    const others = peers.flatMap((peer) => {
      const found = entry.beside.find(({ name, gflops }) => name === peer && gflops !== undefined)
      return found ? [`${peer} ${found.gflops!.toFixed(found.gflops! < 10 ? 1 : 0)}`] : []
    })
    const share = entry.shareOfPeak === undefined ? '' : `, **${formatShare(entry.shareOfPeak)}**`
    return `${entry.gflops?.toFixed(0) ?? ''}${share}${others.length > 0 ? ` (${others.join(', ')})` : ''}`
  }
  const passes = ['forward', 'inputGradient', 'weightGradient']
  const isPass = ({ name }: CaseReport): boolean => passes.some((pass) => name.endsWith(` ${pass}`))
  const shapes = [...new Set(cases.filter(isPass).map(({ name }) => name.slice(0, name.lastIndexOf(' '))))]
  const find = (name: string): CaseReport | undefined => cases.find((entry) => entry.name === name)
  const single = cases.filter((entry) => !isPass(entry))
  return [
    ...(single.length > 0
      ? table(
          ['kernel', 'GFLOP/s, of peak'],
          single.map((entry) => [entry.name, cell(entry)]),
        )
      : []),
    '',
    ...(shapes.length > 0
      ? table(
          ['convolution', 'forward', 'input gradient', 'weight gradient'],
          shapes.map((shape) => [shape, ...passes.map((pass) => cell(find(`${shape} ${pass}`)))]),
        )
      : []),
  ]
}

function goals(cases: readonly CaseReport[]): string[] {
  const rows = resultsOf(cases).map(({ name, what, wanted, reached, met }) => [
    name,
    what,
    wanted,
    reached,
    met ? 'yes' : '**no**',
  ])
  return table(['case', 'what', 'wanted', 'found', 'reached'], rows)
}

/** The figures of a report as Markdown, without the marks. */
export function toMarkdown(report: Report): string {
  const { cases, machine } = report
  const of = (group: string): CaseReport[] => cases.filter((entry) => entry.group === group)
  const peers = Object.keys(report.peers)
  const withVariants = cases.filter(
    (e) => e.group === 'models' && e.beside.some((o) => o.variant && o.ratio !== undefined),
  )
  const notes = cases.flatMap((entry) =>
    entry.beside.flatMap(({ name, note, seconds }) =>
      note && seconds !== undefined ? [`- ${name}, \`${entry.name}\`: ${note}.`] : [],
    ),
  )
  const section = (title: string, lines: readonly string[], entries: readonly unknown[]): string[] =>
    entries.length > 0 ? ['', `### ${title}`, '', ...lines] : []
  const provisional =
    report.loadBefore > 1
      ? [`**Provisional:** other programs kept ${report.loadBefore.toFixed(1)} cores busy when this was measured.`, '']
      : []
  return [
    ...provisional,
    `${report.date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}, ${machine.system}; Node ${report.node}, ${report.threads} threads, ${report.trainyard.revectorize ? '256' : '128'}-bit vectors; medians of ${report.rounds} rounds.`,
    `Trainyard ${report.trainyard.version}; ${peers.map((name) => `${name} ${report.peers[name]}`).join('; ')}.`,
    ...section('Models', models(of('models'), peers), of('models')),
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...section('Other ways to run them', variants(withVariants), withVariants),
    ...section('Start and memory', start(of('start')), of('start')),
    ...section('Kernels on one core', kernels(of('kernels'), peers), of('kernels')),
    ...section('Goals', goals(cases), resultsOf(cases)),
  ].join('\n')
}

/**
 * Replaces what stands between the marks.
 *
 * @throws Error where the text has no marks.
 */
export function replaceFigures(text: string, figures: string): string {
  const begin = text.indexOf(beginMark)
  const end = text.indexOf(endMark)
  if (begin < 0 || end < begin) throw new Error(`there is no place for figures: no "${beginMark}" and "${endMark}"`)
  return `${text.slice(0, begin + beginMark.length)}\n${figures}\n${text.slice(end)}`
}
