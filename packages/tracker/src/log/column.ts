/**
 * One column of numbers as bytes, always exact. The smallest fitting of four forms is taken: a constant, differences of whole
 * numbers, 32-bit floats (what most training computes in), 64-bit floats. Floats are stored as byte planes (all first bytes, then all
 * second bytes …), because exponents resemble each other and the frame is deflated afterwards.
 */
import { type ByteReader, type ByteWriter, DecodeError } from './bytes.ts'

const CONSTANT = 0
const INTEGERS = 1
const FLOAT32 = 2
const FLOAT64 = 3

/** Differences of two such numbers, doubled for the sign, stay below 2⁵³. */
const MAX_INTEGER = 2 ** 51

function varintSize(value: number): number {
  let size = 1
  for (; value >= 0x80; value /= 0x80) size++
  return size
}

/** Bytes as integers, or Infinity where one of them is none. */
function integerSize(values: Float64Array, count: number): number {
  let size = 0
  let previous = 0
  for (let i = 0; i < count; i++) {
    const value = values[i]
    if (!Number.isInteger(value) || Math.abs(value) > MAX_INTEGER || Object.is(value, -0)) return Infinity
    size += varintSize(Math.abs(value - previous) * 2)
    previous = value
  }
  return size
}

function isConstant(values: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (!Object.is(values[i], values[0])) return false
  return true
}

function isFloat32(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (!Object.is(Math.fround(values[i]), values[i])) return false
  return true
}

/** Copies `count` items of `width` bytes into planes. */
function shuffle(from: Uint8Array, to: Uint8Array, at: number, count: number, width: number): void {
  for (let byte = 0; byte < width; byte++) {
    const plane = at + byte * count
    for (let i = 0, j = byte; i < count; i++, j += width) to[plane + i] = from[j]
  }
}

function unshuffle(from: Uint8Array, at: number, to: Uint8Array, count: number, width: number): void {
  for (let byte = 0; byte < width; byte++) {
    const plane = at + byte * count
    for (let i = 0, j = byte; i < count; i++, j += width) to[j] = from[plane + i]
  }
}

/** Writes the first `count` values, at least one. */
export function encodeColumn(writer: ByteWriter, values: Float64Array, count: number): void {
  if (isConstant(values, count)) {
    writer.u8(CONSTANT)
    writer.f64(values[0])
    return
  }
  const float32 = isFloat32(values, count)
  if (integerSize(values, count) < count * (float32 ? 4 : 8)) {
    writer.u8(INTEGERS)
    let previous = 0
    for (let i = 0; i < count; i++) {
      writer.zigzag(values[i] - previous)
      previous = values[i]
    }
    return
  }
  writer.u8(float32 ? FLOAT32 : FLOAT64)
  const width = float32 ? 4 : 8
  const floats = float32 ? Float32Array.from(values.subarray(0, count)) : values
  const at = writer.reserve(count * width)
  shuffle(new Uint8Array(floats.buffer, floats.byteOffset, count * width), writer.bytes, at, count, width)
}

/** Reads `count` values written by {@link encodeColumn}. */
export function decodeColumn(reader: ByteReader, count: number): Float64Array {
  const mode = reader.u8()
  if (mode === CONSTANT) return new Float64Array(count).fill(reader.f64())
  if (mode === INTEGERS) {
    if (reader.left < count) throw new DecodeError('fewer bytes than integers')
    const values = new Float64Array(count)
    let previous = 0
    for (let i = 0; i < count; i++) values[i] = previous += reader.zigzag()
    return values
  }
  if (mode === FLOAT32) {
    const at = reader.take(count * 4)
    const floats = new Float32Array(count)
    unshuffle(reader.bytes, at, new Uint8Array(floats.buffer), count, 4)
    return Float64Array.from(floats)
  }
  if (mode === FLOAT64) {
    const at = reader.take(count * 8)
    const values = new Float64Array(count)
    unshuffle(reader.bytes, at, new Uint8Array(values.buffer), count, 8)
    return values
  }
  throw new DecodeError(`unknown column form ${mode}`)
}
