/** Reading and writing of bytes: little-endian numbers and variable-length integers of up to 53 bits. */

/** The bytes do not mean anything: they are damaged, or were never a run log. */
export class DecodeError extends Error {
  override name = 'DecodeError'
}

export class ByteWriter {
  bytes = new Uint8Array(256)
  length = 0
  private view = new DataView(this.bytes.buffer)

  /** Makes room for `count` more bytes and returns where they go. */
  reserve(count: number): number {
    const at = this.length
    const needed = at + count
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
      grown.set(this.bytes.subarray(0, at))
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    this.length = needed
    return at
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  f64(value: number): void {
    const at = this.reserve(8)
    this.view.setFloat64(at, value, true)
  }

  /** A whole number from 0 to 2⁵³−1, seven bits a byte, low bits first. */
  varint(value: number): void {
    let at = this.reserve(8)
    const { bytes } = this
    while (value >= 0x80) {
      bytes[at++] = (value % 0x80) | 0x80
      value = Math.floor(value / 0x80)
    }
    bytes[at++] = value
    this.length = at
  }

  /** A whole number of either sign below 2⁵² in size: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length) // may replace this.bytes
    this.bytes.set(bytes, at)
  }

  /** A view of what was written, valid until the next write. */
  view8(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

export class ByteReader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  private readonly view: DataView

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.end - this.at
  }

  /** Moves on by `count` bytes and returns where they begin. */
  take(count: number): number {
    if (count > this.end - this.at) throw new DecodeError(`${count} bytes wanted, ${this.end - this.at} left`)
    const at = this.at
    this.at += count
    return at
  }

  u8(): number {
    return this.bytes[this.take(1)]
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
    }
    throw new DecodeError('an integer of more than 53 bits')
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  subarray(count: number): Uint8Array {
    const at = this.take(count)
    return this.bytes.subarray(at, at + count)
  }
}
