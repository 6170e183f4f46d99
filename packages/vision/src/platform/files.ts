import { DataError, reason } from '../errors.ts'
import { builtin } from './builtin.ts'

function code(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException | undefined)?.code
}

/** Reads a whole file. Throws a `DataError` that names it if that fails. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await builtin('node:fs/promises').readFile(file)
  } catch (thrown) {
    if (code(thrown) === 'ENOENT') throw new DataError(`${file}: no such file`, { file, cause: thrown })
    if (code(thrown) === 'EISDIR')
      throw new DataError(`${file}: is a folder, a file was expected`, { file, cause: thrown })
    throw new DataError(`${file}: cannot be read (${reason(thrown)})`, { file, cause: thrown })
  }
}

/** The names of the files (and links to files) in a folder, sorted by code unit so that the order is the same everywhere. */
export async function listFiles(folder: string): Promise<string[]> {
  return (await entries(folder)).filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
}

/** The names of the folders in a folder, sorted by code unit. */
export async function listFolders(folder: string): Promise<string[]> {
  return (await entries(folder)).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

async function entries(folder: string) {
  try {
    const found = await builtin('node:fs/promises').readdir(folder, { withFileTypes: true })
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  } catch (thrown) {
    if (code(thrown) === 'ENOENT') throw new DataError(`${folder}: no such folder`, { file: folder, cause: thrown })
    if (code(thrown) === 'ENOTDIR')
      throw new DataError(`${folder}: is a file, a folder was expected`, { file: folder, cause: thrown })
    throw new DataError(`${folder}: cannot be read (${reason(thrown)})`, { file: folder, cause: thrown })
  }
}

/** What is at a path: a file, a folder, or nothing. */
export async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await builtin('node:fs/promises').stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}

/** Writes a file whole or not at all: into a temporary neighbour first, flushed, then renamed over the old one. */
export async function writeAtomically(file: string, bytes: Uint8Array): Promise<void> {
  const { mkdir, open, rename, rm } = builtin('node:fs/promises')
  const { dirname } = builtin('node:path')
  await mkdir(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.${(temporaryCount += 1)}.part`
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw new DataError(`${file}: cannot be written (${reason(thrown)})`, { file, cause: thrown })
  }
}

let temporaryCount = 0

/** Joins path parts with this system's separator. */
export function joinPath(...parts: string[]): string {
  return builtin('node:path').join(...parts)
}
