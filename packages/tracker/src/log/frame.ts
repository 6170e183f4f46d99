/**
 * The file header and the frames. A frame is
 *
 *     offset 0  mark      0xD7 0x59, to find the next frame after damage
 *            2  kind      u8, see {@link FrameKind}
 *            3  flags     u8, bit 0: the payload is deflated (raw)
 *            4  length    u32, bytes of payload
 *            8  checksum  u32, CRC-32 over kind, flags, length and payload as stored
 *           12  payload
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { DecodeError } from './bytes.ts'

/** Not a text, not UTF-8, and broken by every line-ending conversion; the last byte is the format's version. */
export const VERSION = 1
export const HEADER = Uint8Array.from([0x89, 0x54, 0x59, 0x4c, 0x0d, 0x0a, 0x1a, VERSION])

export const FrameKind = { keys: 1, rows: 2, record: 3, console: 4, system: 5 } as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

export const MARK0 = 0xd7
export const MARK1 = 0x59
export const FRAME_HEADER = 12
export const MAX_PAYLOAD = 1 << 26
const DEFLATED = 1
const WORTH_DEFLATING = 256

export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array {
  let flags = 0
  if (payload.length >= WORTH_DEFLATING) {
    const deflated = deflateRawSync(payload, { level: 1 })
    if (deflated.length < payload.length) {
      payload = deflated
      flags = DEFLATED
    }
  }
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`a record of ${payload.length} bytes; at most ${MAX_PAYLOAD}`)
  const frame = new Uint8Array(FRAME_HEADER + payload.length)
  const view = new DataView(frame.buffer)
  frame[0] = MARK0
  frame[1] = MARK1
  frame[2] = kind
  frame[3] = flags
  view.setUint32(4, payload.length, true)
  view.setUint32(8, crc32(payload, crc32(frame.subarray(2, 8))), true)
  frame.set(payload, FRAME_HEADER)
  return frame
}

export interface FrameHead {
  kind: number
  flags: number
  /** Of header and payload. */
  size: number
}

/**
 * Looks at the frame that begins at `at`.
 * @returns its head; 'short' where bytes are missing to tell; 'bad' where no frame is.
 */
export function peekFrame(bytes: Uint8Array, at: number): FrameHead | 'short' | 'bad' {
  const left = bytes.length - at
  if (left < 1) return 'short'
  if (bytes[at] !== MARK0) return 'bad'
  if (left < 2) return 'short'
  if (bytes[at + 1] !== MARK1) return 'bad'
  if (left < FRAME_HEADER) return 'short'
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER)
  const length = view.getUint32(4, true)
  if (length > MAX_PAYLOAD) return 'bad'
  const size = FRAME_HEADER + length
  if (left < size) return 'short'
  const sum = crc32(bytes.subarray(at + FRAME_HEADER, at + size), crc32(bytes.subarray(at + 2, at + 8)))
  if (sum !== view.getUint32(8, true)) return 'bad'
  return { kind: bytes[at + 2], flags: bytes[at + 3], size }
}

export function framePayload(bytes: Uint8Array, at: number, head: FrameHead): Uint8Array {
  const payload = bytes.subarray(at + FRAME_HEADER, at + head.size)
  if (head.flags === 0) return payload
  if (head.flags !== DEFLATED) throw new DecodeError(`unknown frame flags ${head.flags}`)
  try {
    return inflateRawSync(payload, { maxOutputLength: MAX_PAYLOAD })
  } catch (error) {
    throw new DecodeError(`payload cannot be inflated: ${(error as Error).message}`)
  }
}
