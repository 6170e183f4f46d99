import { DataError, type FileSample, type ManifestRow } from '@trainyard/vision'

/** Which films are kept apart: those whose row in the manifest says this, or anything but this. */
interface Condition {
  readonly column: string
  readonly equal: boolean
  readonly value: RegExp
}

/**
 * Reads a condition such as `location=Manila`, or `location!=Hannover*`; `*` stands for any text, and capitals do not count.
 *
 * @throws `DataError` for anything else.
 */
function parseCondition(text: string): Condition {
  const [, column, operator, value] = /^\s*([^=!]+?)\s*(!?=)\s*(.+?)\s*$/s.exec(text) ?? []
  if (!column)
    throw new DataError(
      `--hold-out "${text}": give a column of manifest.csv and a value, such as "location=Manila*", or "location!=Hannover*" for all others`,
    )
  const pattern = value.split('*').map(RegExp.escape).join('.*')
  return { column: column.toLowerCase(), equal: operator === '=', value: new RegExp(`^${pattern}$`, 'is') }
}

/**
 * Divides films into those that are kept apart and the others, by a column of the manifest.
 *
 * @param folder The folder of the films, for messages.
 * @returns The places of both in the list.
 * @throws `DataError` where there is no such column, where no film or every film is meant, or a patient has films on both sides.
 */
export function holdOut(
  films: readonly FileSample[],
  text: string,
  folder: string,
): { kept: number[]; held: number[] } {
  const { column, equal, value } = parseCondition(text)
  const fault = (message: string) => new DataError(`--hold-out "${text}": ${message}`)
  if (!films[0].columns) throw fault(`${folder} has no manifest.csv, whose column ${column} could be looked at`)
  if (!(column in films[0].columns))
    throw fault(`manifest.csv has no column ${column}; its columns are ${Object.keys(films[0].columns).join(', ')}`)
  const entryOf = ({ columns }: { columns?: ManifestRow }) => columns?.[column] ?? ''
  const held: number[] = []
  const kept: number[] = []
  films.forEach((film, place) => {
    const holds = value.test(entryOf(film)) === equal
    ;(holds ? held : kept).push(place)
  })
  if (held.length === 0 || kept.length === 0) {
    const values = [...new Set(films.map(entryOf))].slice(0, 10).map((one) => `"${one}"`)
    throw fault(
      `${held.length === 0 ? 'none' : 'every one'} of the ${films.length} films would be kept apart; ${column} is ${values.join(', ')}`,
    )
  }
  const patients = new Set(kept.map((place) => films[place].patient))
  const torn = held.find((place) => patients.has(films[place].patient))
  if (torn !== undefined)
    throw fault(
      `patient ${films[torn].patient} has films on both sides; choose a column that is the same for all of a patient`,
    )
  return { kept, held }
}
