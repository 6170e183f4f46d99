import { unzipEntry } from '../compression/unzip.ts'
import { isZip, readZipDirectory } from '../compression/zipDirectory.ts'
import { DataError } from '../errors.ts'
import { type NpyArray, parseNpy } from './parse.ts'

/** The arrays of a `.npz` file. Each is expanded when asked for, not before. */
export interface Npz {
  keys: string[]
  /** Reads one array. Throws a `DataError` that lists the keys there are when there is none of this name. */
  get(key: string): NpyArray
}

/**
 * Opens a `.npz` file (as `numpy.savez` and `numpy.savez_compressed` write it) from its bytes.
 *
 * @param bytes The whole file.
 * @param name The file's name, for messages.
 * @param options `keys`: arrays that must be there. `maxBytes`: how much the arrays may expand to together, 8 GiB by default;
 * what declares more, or expands beyond what it declares, is refused as a zip bomb. Without `maxBytes` so is what would become
 * large and is more than 200 times smaller in the archive, as pictures never are.
 * @throws `DataError` naming all missing keys, or saying what is wrong with the archive.
 * @example
 * const images = openNpz(bytes, 'lungs.npz', { keys: ['x_train', 'y_train'] }).get('x_train')
 */
export function openNpz(bytes: Uint8Array, name: string, options: { keys?: string[]; maxBytes?: number } = {}): Npz {
  if (!isZip(bytes)) throw new DataError(`${name}: is not a .npz file (a zip archive of arrays)`, { file: name })
  const maxBytes = options.maxBytes ?? 8 * 2 ** 30
  const directory = readZipDirectory(bytes, name)
  const entries = new Map(directory.map((entry) => [entry.name.replace(/\.npy$/, ''), entry]))
  const declared = directory.reduce((sum, entry) => sum + entry.bytes, 0)
  if (declared > maxBytes)
    throw new DataError(
      `${name}: would expand to ${sizeText(declared)}, at most ${sizeText(maxBytes)} are allowed; refused as a possible zip bomb`,
      {
        file: name,
      },
    )
  if (options.maxBytes === undefined && declared > LARGE && declared > MOST_EXPANSION * bytes.length)
    throw new DataError(
      `${name}: would expand from ${sizeText(bytes.length)} to ${sizeText(declared)}, ${Math.round(declared / bytes.length)} times as much; refused as a possible zip bomb`,
      { file: name },
    )
  const keys = [...entries.keys()]
  const missing = (options.keys ?? []).filter((key) => !entries.has(key))
  if (missing.length > 0) throw new DataError(noSuchKeys(name, missing, keys), { file: name })
  return {
    keys,
    get(key) {
      const entry = entries.get(key)
      if (!entry) throw new DataError(noSuchKeys(name, [key], keys), { file: name })
      return parseNpy(unzipEntry(bytes, entry, name, maxBytes), `${name}: ${entry.name}`)
    },
  }
}

/** Below this an archive does no harm, whatever is in it. */
const LARGE = 2 ** 28
const MOST_EXPANSION = 200

/** A number of bytes as a person reads it. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`
}

function noSuchKeys(name: string, missing: string[], there: string[]): string {
  return `${name}: no array ${missing.join(', ')}; it holds ${there.join(', ') || 'nothing'}`
}
