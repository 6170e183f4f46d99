/** TFRecord files of events: length, checksum of it, bytes, checksum of them; one after the other. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { maskedCrc } from './crc.ts'
import { decodeEvent, type Event, encodeEvent } from './event.ts'

const HEAD = 12
const MAX_RECORD = 1 << 28

export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(HEAD + data.length + 4)
  record.writeUInt32LE(data.length, 0)
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8)
  record.set(data, HEAD)
  record.writeUInt32LE(maskedCrc(data), HEAD + data.length)
  return record
}

/** Writes one event file. TensorBoard reads every file whose name holds `tfevents`. */
export class EventWriter {
  private readonly file: number
  private waiting: Uint8Array[] = []
  private bytes = 0

  constructor(path: string, wallTime: number) {
    this.file = openSync(path, 'w')
    this.write({ wallTime, step: 0, fileVersion: 'brain.Event:2', summaries: [] })
  }

  write(event: Event): void {
    const record = encodeRecord(encodeEvent(event))
    this.waiting.push(record)
    this.bytes += record.length
    if (this.bytes > 1 << 20) this.flush()
  }

  private flush(): void {
    const all = Buffer.concat(this.waiting)
    for (let at = 0; at < all.length; ) at += writeSync(this.file, all, at)
    this.waiting = []
    this.bytes = 0
  }

  close(): void {
    this.flush()
    closeSync(this.file)
  }
}

export const eventFileName = (wallTime: number, run: string): string =>
  `events.out.tfevents.${Math.floor(wallTime)}.${hostname()}.trainyard-${run}`

export interface EventProblem {
  /** Byte of the file. */
  at: number
  reason: string
}

/**
 * Reads events until the end or until the file is damaged (there is no mark to find the next record by); says where and why it stopped.
 * A record with a wrong checksum or that is no event is skipped.
 */
export function* readEvents(path: string, problems: EventProblem[] = []): Generator<Event> {
  const file = openSync(path, 'r')
  try {
    let position = 0
    let buffer: Uint8Array = new Uint8Array(0)
    const fill = (count: number): boolean => {
      while (buffer.length < count) {
        const chunk = new Uint8Array(Math.max(1 << 18, count - buffer.length))
        const got = readSync(file, chunk, 0, chunk.length, position + buffer.length)
        if (got === 0) return false
        buffer = Buffer.concat([buffer, chunk.subarray(0, got)])
      }
      return true
    }
    for (;;) {
      if (!fill(HEAD)) {
        if (buffer.length > 0) problems.push({ at: position, reason: 'the last record is incomplete' })
        return
      }
      const head = new DataView(buffer.buffer, buffer.byteOffset, HEAD)
      const length = head.getUint32(0, true)
      if (
        head.getUint32(8, true) !== maskedCrc(buffer.subarray(0, 8)) ||
        head.getUint32(4, true) !== 0 ||
        length > MAX_RECORD
      ) {
        problems.push({ at: position, reason: 'this is no record of events' })
        return
      }
      const size = HEAD + length + 4
      if (!fill(size)) {
        problems.push({ at: position, reason: 'the last record is incomplete' })
        return
      }
      const data = buffer.subarray(HEAD, HEAD + length)
      const sum = new DataView(buffer.buffer, buffer.byteOffset + HEAD + length, 4).getUint32(0, true)
      let event: Event | null = null
      if (sum !== maskedCrc(data)) problems.push({ at: position, reason: 'a record has a wrong checksum' })
      else
        try {
          event = decodeEvent(data)
        } catch (error) {
          problems.push({ at: position, reason: `a record is no event: ${(error as Error).message}` })
        }
      buffer = buffer.subarray(size)
      position += size
      if (event) yield event
    }
  } finally {
    closeSync(file)
  }
}
