/**
 * Appends frames to a run log. A tail that was torn by a crash is cut before anything is written behind it. Where the disk is full,
 * what could not be written is kept in memory and tried again: the file always ends with a whole frame, or is cut back to one.
 */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { encodeFrame, FrameKind, HEADER } from './frame.ts'
import type { ConsoleRecord, LogRecord } from './records.ts'
import { encodeRows, type Rows } from './rows.ts'

/** The part of `node:fs` that writes, so that tests can let the disk fail. */
export interface Disk {
  write(file: number, bytes: Uint8Array, position: number): number
  truncate(file: number, length: number): void
}

const realDisk: Disk = {
  write: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  truncate: (file, length) => ftruncateSync(file, length),
}

const KEYS_AGAIN = 1 << 20
const MAX_WAITING = 1 << 28

export class LogWriter {
  readonly path: string
  /** Bytes of the file that are whole frames. */
  length: number
  /** Frames that were dropped because the disk stayed full until memory was too. */
  dropped = 0
  /** The last failure to write, null when all is well. */
  failure: Error | null = null
  private readonly file: number
  private readonly disk: Disk
  private readonly keys: string[] = []
  private keysWritten = 0
  private keysAt = 0
  private waiting: Uint8Array[] = []
  private waitingBytes = 0
  private dirty = false

  /** @param goodLength Bytes of the file that are whole frames, as a reader found; what is behind is cut. */
  constructor(path: string, goodLength = 0, keys: readonly string[] = [], disk: Disk = realDisk) {
    this.path = path
    this.disk = disk
    this.file = openSync(path, goodLength > 0 ? 'r+' : 'w+')
    this.length = goodLength
    this.keys.push(...keys)
    this.keysAt = goodLength
    if (fstatSync(this.file).size > goodLength) disk.truncate(this.file, goodLength)
    if (goodLength === 0) this.waiting.push(HEADER)
    this.waitingBytes = goodLength === 0 ? HEADER.length : 0
  }

  get keyCount(): number {
    return this.keys.length
  }

  /** Gives a new key its number; it is written before the next rows. */
  addKey(name: string): number {
    return this.keys.push(name) - 1
  }

  rows(rows: Rows, kind: 'rows' | 'system' = 'rows'): void {
    // The dictionary is repeated now and then, so that damage to it costs a part of the log and not all of it.
    if (this.length + this.waitingBytes - this.keysAt > KEYS_AGAIN) this.keysWritten = 0
    if (this.keysWritten < this.keys.length) {
      this.json(FrameKind.keys, { first: this.keysWritten, names: this.keys.slice(this.keysWritten) })
      if (this.keysWritten === 0) this.keysAt = this.length + this.waitingBytes
      this.keysWritten = this.keys.length
    }
    this.push(FrameKind[kind], encodeRows(rows))
  }

  record(record: LogRecord): void {
    this.json(FrameKind.record, record)
  }

  console(lines: ConsoleRecord[]): void {
    this.json(FrameKind.console, lines)
  }

  private json(kind: FrameKind, value: unknown): void {
    this.push(kind, Buffer.from(JSON.stringify(value)))
  }

  private push(kind: FrameKind, payload: Uint8Array): void {
    const frame = encodeFrame(kind, payload)
    if (this.waitingBytes + frame.length > MAX_WAITING) {
      this.dropped++
      this.keysWritten = 0 // What was dropped may have been the dictionary.
      return
    }
    this.waiting.push(frame)
    this.waitingBytes += frame.length
  }

  /** Writes what waits. Never throws: on failure `failure` says why, and all is kept for the next time. */
  flush(): boolean {
    if (this.waiting.length === 0) return this.failure === null
    const bytes = this.waiting.length === 1 ? this.waiting[0] : Buffer.concat(this.waiting)
    let written = 0
    try {
      while (written < bytes.length) {
        const count = this.disk.write(this.file, bytes.subarray(written), this.length + written)
        if (count === 0) throw new Error('nothing could be written')
        written += count
      }
    } catch (error) {
      this.failure = error as Error
      this.keepFrom(written)
      return false
    }
    this.length += bytes.length
    this.waiting = []
    this.waitingBytes = 0
    this.failure = null
    this.dirty = true
    return true
  }

  /** Keeps the whole frames among the bytes that did get written, and cuts the file behind them. */
  private keepFrom(written: number): void {
    let whole = 0
    let frames = 0
    for (const frame of this.waiting) {
      if (whole + frame.length > written) break
      whole += frame.length
      frames++
    }
    this.waiting.splice(0, frames)
    this.waitingBytes -= whole
    this.length += whole
    try {
      this.disk.truncate(this.file, this.length)
    } catch {
      // The torn frame stays for now: the next write begins at the same place and covers it.
    }
  }

  /** Asks the system to bring it to the disk itself, against power cuts. */
  sync(): void {
    if (!this.dirty) return
    this.dirty = false
    try {
      fdatasyncSync(this.file)
    } catch (error) {
      this.failure = error as Error
    }
  }

  /** @param durable Wait until the disk itself has it. */
  close(durable = true): void {
    this.flush()
    if (durable) this.sync()
    closeSync(this.file)
  }
}
