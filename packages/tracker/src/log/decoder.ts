/**
 * Turns the bytes of a run log, given in any portions, into entries. Never throws on damaged bytes: it finds the next good frame,
 * reads on and says what it skipped. What is incomplete at the end is kept for the next time.
 */
import { DecodeError } from './bytes.ts'
import { checkRecord, isConsole } from './checkRecord.ts'
import { FrameKind, framePayload, HEADER, MARK0, peekFrame, VERSION } from './frame.ts'
import type { ConsoleRecord, LogRecord } from './records.ts'
import { decodeRows, type Rows } from './rows.ts'

export type LogEntry =
  | { kind: 'rows'; rows: Rows; keys: readonly string[] }
  | { kind: 'system'; rows: Rows; keys: readonly string[] }
  | { kind: 'record'; record: LogRecord }
  | { kind: 'console'; lines: ConsoleRecord[] }

/** Bytes of the file, from the first to before the second, that could not be read. */
export interface Damage {
  from: number
  to: number
  reason: string
}

const MAX_KEYS = 1_000_000
const text = new TextDecoder()

export class LogDecoder {
  /** In the file, of the first byte that has not been decoded. */
  offset: number
  /** The dictionary: a row's columns are numbers, these are their names. */
  readonly keys: string[] = []
  readonly damage: Damage[] = []
  /** Why nothing can be read: not a run log, or of a later version. */
  unreadable: string | null = null
  /** Bytes from `offset` on that are no whole frame yet. */
  protected pending: Uint8Array = new Uint8Array(0)
  /** How many bytes the frame at `offset` says it has, where that is known. */
  protected wanted = 0

  /** @param offset Where the bytes that will be given begin: not 0 only together with the `keys` known there. */
  constructor(offset = 0, keys: readonly string[] = []) {
    this.offset = offset
    this.keys.push(...keys)
  }

  /** Bytes at the end that are no whole frame: a frame being written, or a torn one. */
  get pendingBytes(): number {
    return this.pending.length
  }

  /** @param atEnd Nothing follows these bytes for now, so a frame that asks for more may be a damaged one. */
  *decode(more: Uint8Array, atEnd = true): Generator<LogEntry> {
    if (this.unreadable !== null) return
    const base = this.offset
    const bytes = concat(this.pending, more)
    this.pending = bytes
    let at = 0
    const moveTo = (to: number) => {
      at = to
      this.offset = base + to
      this.pending = bytes.subarray(to)
    }
    if (base === 0) {
      // Also a few bytes that do not begin a log are somebody's: a writer must not take them for a torn beginning.
      if (!this.checkHeader(bytes) || bytes.length < HEADER.length) return
      moveTo(HEADER.length)
    }
    for (;;) {
      const head = peekFrame(bytes, at)
      if (head === 'short' || head === 'bad') {
        if (head === 'short' && !atEnd) break
        const next = findFrame(bytes, at + 1)
        if (next < 0) break
        this.damage.push({ from: base + at, to: base + next, reason: 'a frame is damaged' })
        moveTo(next)
        continue
      }
      const from = at
      moveTo(at + head.size)
      let entry: LogEntry | null = null
      try {
        entry = this.entry(head.kind, framePayload(bytes, from, head))
      } catch (error) {
        // JSON.parse: what is no JSON, and what is nested too deep.
        if (!(error instanceof DecodeError || error instanceof SyntaxError || error instanceof RangeError)) throw error
        this.damage.push({ from: base + from, to: base + at, reason: error.message })
      }
      if (entry) yield entry
    }
    this.pending = bytes.slice(at)
    this.wanted = this.pending.length >= 8 ? new DataView(this.pending.buffer).getUint32(4, true) + 12 : 0
  }

  private checkHeader(bytes: Uint8Array): boolean {
    const last = HEADER.length - 1
    if (!HEADER.every((byte, i) => i === last || i >= bytes.length || byte === bytes[i]))
      this.unreadable = 'this is not a run log'
    else if (bytes.length > last && bytes[last] !== VERSION)
      this.unreadable = `its format has version ${bytes[last]}, this library reads ${VERSION}: update Trainyard`
    return this.unreadable === null
  }

  private entry(kind: number, payload: Uint8Array): LogEntry | null {
    if (kind === FrameKind.rows || kind === FrameKind.system) {
      const rows = decodeRows(payload)
      for (const { key } of rows.columns)
        if (this.keys[key] === undefined) throw new DecodeError(`rows of key ${key}, whose name was lost`)
      return { kind: kind === FrameKind.rows ? 'rows' : 'system', rows, keys: this.keys }
    }
    // Kinds of later versions are skipped: they may be added without a new version.
    if (kind !== FrameKind.keys && kind !== FrameKind.record && kind !== FrameKind.console) return null
    const value = JSON.parse(text.decode(payload)) as unknown
    if (typeof value !== 'object' || value === null) throw new DecodeError('a record that is no object')
    if (kind === FrameKind.keys) {
      this.addKeys(value as { first?: unknown; names?: unknown })
      return null
    }
    if (kind === FrameKind.console) {
      if (!isConsole(value)) throw new DecodeError('console output that is none')
      return { kind: 'console', lines: value }
    }
    const record = checkRecord(value)
    if (record === undefined) throw new DecodeError(`a record that is none: ${JSON.stringify(value).slice(0, 100)}`)
    return record && { kind: 'record', record }
  }

  private addKeys({ first, names }: { first?: unknown; names?: unknown }): void {
    const good =
      typeof first === 'number' &&
      Number.isInteger(first) &&
      first >= 0 &&
      Array.isArray(names) &&
      first + names.length <= MAX_KEYS &&
      names.every((name) => typeof name === 'string')
    if (!good) throw new DecodeError('a bad dictionary of keys')
    while (this.keys.length < first) this.keys.push(undefined as unknown as string)
    names.forEach((name: string, i) => {
      this.keys[first + i] = name
    })
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  if (second.length === 0) return first
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** The next whole frame at or after `from`, or −1. Gives up after so many bytes of checksums that only an attacker gets there. */
function findFrame(bytes: Uint8Array, from: number): number {
  let budget = 4 * bytes.length + (1 << 20)
  for (let at = bytes.indexOf(MARK0, from); at >= 0; at = bytes.indexOf(MARK0, at + 1)) {
    if (bytes.length - at < 12) return -1
    const length = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getUint32(4, true)
    if (length > bytes.length - at - 12) continue
    if ((budget -= length) < 0) return -1
    if (typeof peekFrame(bytes, at) === 'object') return at
  }
  return -1
}
