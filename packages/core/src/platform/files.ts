import { TrainyardError } from '../errors.ts'
import { nodeBuiltin } from './node.ts'

interface FileHandle {
  writeFile(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

interface FilesModule {
  readFile(path: string): Promise<Uint8Array>
  mkdir(path: string, options: { recursive: true }): Promise<unknown>
  open(path: string, flags: string): Promise<FileHandle>
  rename(from: string, to: string): Promise<void>
  rm(path: string, options: { force: true }): Promise<void>
}

/** A file that cannot be read or written, with the path and the system's reason. */
export class FileError extends TrainyardError {
  override name = 'FileError'
  readonly path: string

  constructor(path: string, what: string, cause: unknown) {
    super(`${path}: ${what} (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
    this.path = path
  }
}

function files(path: string): FilesModule {
  const module = nodeBuiltin<FilesModule>('node:fs/promises')
  if (!module) throw new FileError(path, 'there are no files here', 'in a browser, work with the bytes themselves')
  return module
}

/** Reads a whole file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await files(path).readFile(path)
  } catch (cause) {
    throw cause instanceof FileError ? cause : new FileError(path, 'cannot be read', cause)
  }
}

let temporaries = 0

/**
 * Writes a file whole or not at all: into a neighbour first, brought to the disk, then renamed over the old one. The
 * folder is made where it is missing. After a failure nothing is left behind and an older file is untouched.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const { mkdir, open, rename, rm } = files(path)
  const { dirname } = nodeBuiltin<{ dirname(path: string): string }>('node:path')!
  const temporary = `${path}.${process.pid}.${temporaries++}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path), open)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new FileError(path, 'cannot be written', cause)
  }
}

/** Brings the new name to the disk as well, where the system lets folders be opened (not on Windows). */
async function syncFolder(folder: string, open: FilesModule['open']): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The file itself is safe; its name will be as soon as the system likes.
  }
}
