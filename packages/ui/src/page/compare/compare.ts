/** Runs side by side: rows that differ, and what is best. */
import type { Json, RunDetail } from '@trainyard/tracker/api'
import { number, toNumber } from '../format/number.ts'
import { duration, moment } from '../format/time.ts'
import { flatten, leafText } from '../run/tree.ts'

export interface CompareRow {
  path: string
  values: (Json | undefined)[]
  texts: string[]
  /** Not the same in all runs; what one lacks differs as well. */
  differs: boolean
  /** Which is best, for a metric whose goal is known. */
  best: number | null
}

export interface CompareSection {
  title: string
  rows: CompareRow[]
}

const text = (value: Json | undefined): string => {
  if (value === undefined) return ''
  const numeric = toNumber(value)
  return numeric === null ? leafText(value) : number(numeric, 6)
}

function row(path: string, values: (Json | undefined)[], goal: 'minimize' | 'maximize' | null = null): CompareRow {
  const seen = new Set(values.map((value) => JSON.stringify(value)))
  return { path, values, texts: values.map(text), differs: seen.size > 1, best: bestOf(values, goal) }
}

function bestOf(values: readonly (Json | undefined)[], goal: 'minimize' | 'maximize' | null): number | null {
  if (!goal) return null
  let best: number | null = null
  let value = 0
  values.forEach((one, i) => {
    const numeric = typeof one === 'number' && Number.isFinite(one) ? one : null
    if (numeric === null) return
    if (best === null || (goal === 'minimize' ? numeric < value : numeric > value)) {
      best = i
      value = numeric
    }
  })
  return best
}

function rowsOf(
  objects: readonly { [key: string]: Json }[],
  goals?: ReadonlyMap<string, 'minimize' | 'maximize' | null>,
): CompareRow[] {
  const flat = objects.map(flatten)
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  return paths.map((path) =>
    row(
      path,
      flat.map((one) => one.get(path)),
      goals?.get(path) ?? goals?.get(path.replace(/\.(min|max|mean|last|first)$/, '')),
    ),
  )
}

export function compareRuns(
  runs: readonly RunDetail[],
  goals: ReadonlyMap<string, 'minimize' | 'maximize' | null>,
): CompareSection[] {
  const fact = (path: string, of: (run: RunDetail) => Json | undefined) => row(path, runs.map(of))
  return [
    { title: 'Config', rows: rowsOf(runs.map(({ config }) => config)) },
    {
      title: 'Summary',
      rows: rowsOf(
        runs.map(({ summary }) => summary),
        goals,
      ),
    },
    {
      title: 'Run',
      rows: [
        fact('State', ({ state }) => state),
        fact('Started', ({ created }) => moment(created)),
        fact('Duration', (run) => duration(run.duration)),
        fact('Last step', ({ lastStep }) => lastStep),
        fact('Group', ({ group }) => group ?? undefined),
        fact('Tags', ({ tags }) => tags.join(', ') || undefined),
        fact('Command', ({ environment }) => environment?.command ?? undefined),
        fact('Host', ({ environment }) => environment?.host ?? undefined),
        fact('Runtime', ({ environment }) => environment?.runtime ?? undefined),
        fact('Processor', ({ environment }) => environment?.cpu ?? undefined),
        fact('Commit', ({ environment }) => environment?.git?.commit.slice(0, 10)),
        fact('Uncommitted changes', ({ environment }) => environment?.git?.dirty),
      ].filter(({ values }) => values.some((value) => value !== undefined && value !== null)),
    },
    {
      title: 'Dependencies',
      rows: rowsOf(runs.map(({ environment }) => environment?.packages ?? {})).filter(({ differs }) => differs),
    },
  ].filter(({ rows }) => rows.length > 0)
}

/**
 * Which cells of a row stand out: those unlike the run compared against; without one, those unlike what most runs have. Where there is no
 * such most, all of them.
 */
export function outstanding({ values, differs }: CompareRow, base: number | null): boolean[] {
  if (!differs) return values.map(() => false)
  const keys = values.map((value) => JSON.stringify(value))
  if (base !== null) return keys.map((key) => key !== keys[base])
  const counts = new Map<string | undefined, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  const [usual, count] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))
  return keys.map((key) => count * 2 <= keys.length || key !== usual)
}

/** How far a number is from that of the run compared against: `+12.5 %`. */
export function change(value: Json | undefined, base: Json | undefined): string {
  const a = toNumber(value ?? null)
  const b = toNumber(base ?? null)
  if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b) || a === b) return ''
  if (b === 0) return `${a > 0 ? '+' : '−'}${number(Math.abs(a), 3)}`
  const share = ((a - b) / Math.abs(b)) * 100
  return `${share > 0 ? '+' : '−'}${number(Math.abs(share), 3)} %`
}
