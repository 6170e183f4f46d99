/** Which runs: the part that all questions about runs share. */
import type { SQLInputValue } from 'node:sqlite'
import { parseFilter } from '../filter/parse.ts'
import { conditionSql } from '../filter/sql.ts'

export interface Selection {
  where?: string | undefined
  search?: string | undefined
  runs?: readonly string[] | undefined
  archived?: boolean | undefined
}

export interface Where {
  text: string
  parameters: SQLInputValue[]
}

/** @throws FilterError */
export function selectRuns(project: string, { where, search, runs, archived = false }: Selection): Where {
  const parts = ['r.project = ?']
  const parameters: SQLInputValue[] = [project]
  if (!archived) parts.push('r.archived = 0')
  if (where?.trim()) {
    const { text, parameters: values } = conditionSql(parseFilter(where))
    parts.push(text)
    parameters.push(...values)
  }
  if (search?.trim()) {
    const needle = search.trim()
    parts.push(
      "(text_contains(r.name, ?) OR text_contains(r.run, ?) OR text_contains(COALESCE(r.run_group, ''), ?) OR text_contains(r.tags, ?))",
    )
    parameters.push(needle, needle, needle, needle)
  }
  if (runs) {
    parts.push('r.run IN (SELECT value FROM json_each(?))')
    parameters.push(JSON.stringify(runs))
  }
  return { text: parts.join(' AND '), parameters }
}
