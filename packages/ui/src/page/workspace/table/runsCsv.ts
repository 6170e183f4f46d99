/** The runs table as a CSV file. */
import type { ColumnId } from '@trainyard/tracker/api'
import { client } from '../../api/client.ts'
import { csvRow } from '../../charts/csv.ts'
import { columnLabel } from './columns.ts'

export async function runsCsv(project: string, columns: ColumnId[], runs: string[]): Promise<string> {
  const { rows } = await client.call('queryRuns', {
    project,
    body: { runs, columns, archived: true, limit: runs.length },
  })
  const iso = (time: number) => new Date(time * 1000).toISOString()
  const lines = rows.map((row) =>
    csvRow(
      columns.map((column, i) =>
        column === 'tags'
          ? row.tags.join(' ')
          : column === 'created' || column === 'updated'
            ? iso(row[column])
            : row.values[i],
      ),
    ),
  )
  return `${[csvRow(columns.map(columnLabel)), ...lines].join('\r\n')}\r\n`
}
