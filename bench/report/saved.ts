import { readFileSync } from 'node:fs'
import type { CaseReport, Report } from './report.ts'

/** Reads a report that `--json` printed; what npm says before the JSON is not part of it. */
function read(path: string): Report {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))))
  } catch (error) {
    throw new Error(`${path} holds no figures: ${(error as Error).message}`)
  }
}

/** Joins reports: where several have a case, the last one counts; machine and conditions are those of the first. */
export function joinReports(reports: readonly Report[]): Report {
  const byName = new Map<string, CaseReport>(reports.flatMap(({ cases }) => cases).map((entry) => [entry.name, entry]))
  return {
    ...reports[0],
    loadBefore: Math.max(...reports.map(({ loadBefore }) => loadBefore)),
    peers: Object.assign({}, ...reports.map(({ peers }) => peers)),
    cases: [...byName.values()],
  }
}

export const readReports = (paths: readonly string[]): Report => joinReports(paths.map(read))
