/** Reads a run log's file, from the beginning or from where it last stopped. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { fileSize } from '../store/files.ts'
import { LogDecoder, type LogEntry } from './decoder.ts'

const CHUNK = 1 << 20

/**
 * Reads what was added to a file since the last time, while somebody else may be writing it.
 * @example
 * ```ts
 * const reader = new LogReader('run.log')
 * for (const entry of reader.read()) console.log(entry.kind)
 * ```
 */
export class LogReader extends LogDecoder {
  readonly path: string

  constructor(path: string, offset = 0, keys: readonly string[] = []) {
    super(offset, keys)
    this.path = path
  }

  /** Entries since the last call; none where the file is not there (yet). A file that shrank below what was read is `unreadable`. */
  *read(): Generator<LogEntry> {
    if (fileSize(this.path) === null) return
    let file: number
    try {
      file = openSync(this.path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    try {
      const { size } = fstatSync(file)
      if (size < this.offset) this.unreadable = `the file shrank: ${this.offset} bytes were read, it has ${size}`
      // A torn tail may have been cut and written anew meanwhile, so what was incomplete is read again.
      this.pending = new Uint8Array(0)
      let at = this.offset
      while (at < size && this.unreadable === null) {
        const chunk = new Uint8Array(Math.min(Math.max(CHUNK, this.wanted - this.pendingBytes), size - at))
        const got = readSync(file, chunk, 0, chunk.length, at)
        if (got === 0) return
        at += got
        yield* this.decode(chunk.subarray(0, got), at >= size)
      }
    } finally {
      closeSync(file)
    }
  }
}

/** All entries of a file. */
export function* readLog(path: string): Generator<LogEntry> {
  yield* new LogReader(path).read()
}
