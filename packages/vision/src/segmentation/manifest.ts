// The build for browsers brings its own Buffer, so it loads everywhere.
import { parse } from 'csv-parse/browser/esm/sync'
import { DataError, reason } from '../errors.ts'

const NAME_COLUMNS = ['name', 'image', 'file', 'filename']

/** What a manifest says of a picture: its row by column, names of columns in lower case. */
export type ManifestRow = Readonly<Record<string, string>>

/**
 * Reads a `manifest.csv`: one row a picture, its file name in the column `name` (or `image`, `file`, `filename`) and, where
 * there is one, whose it is in the column `patient`. Other columns are kept as they are.
 *
 * @returns Rows by file name without its ending.
 * @throws `DataError` for a file that is not CSV, has no name column, names a picture twice or leaves a patient out.
 */
export function parseManifest(text: string, file: string): Map<string, ManifestRow> {
  const fault = (message: string, cause?: unknown) => new DataError(`${file}: ${message}`, { file, cause })
  let rows: Record<string, string>[]
  try {
    rows = parse(text, {
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      bom: true,
      trim: true,
      skip_empty_lines: true,
    })
  } catch (thrown) {
    throw fault(`cannot be read as CSV (${reason(thrown)})`, thrown)
  }
  if (rows.length === 0) throw fault('has no rows')
  const column = NAME_COLUMNS.find((name) => name in rows[0])
  if (!column) throw fault(`has no column "name"; its columns are ${Object.keys(rows[0]).join(', ')}`)
  const byName = new Map<string, ManifestRow>()
  rows.forEach((row, index) => {
    const name = stem(row[column].replace(/^.*[\\/]/, ''))
    if (!name) throw fault(`row ${index + 1} has no name`)
    if (byName.has(name)) throw fault(`names ${name} twice`)
    if ('patient' in row && !row.patient)
      throw fault(`row ${index + 1} (${name}) has no patient; give each unknown one a name of its own`)
    byName.set(name, row)
  })
  return byName
}

/** A file's name without its ending. */
export function stem(name: string): string {
  return name.replace(/\.[^.]+$/, '')
}
