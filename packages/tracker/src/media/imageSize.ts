/** Width and height of an encoded picture, read from its header. */

export interface Size {
  width: number
  height: number
}

/** Null where the header does not say. An SVG without a size is taken as 300×150, as browsers do. */
export function imageSize(bytes: Uint8Array, mime: string): Size | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    if (mime === 'image/png') return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) }
    if (mime === 'image/gif') return { width: buffer.readUInt16LE(6), height: buffer.readUInt16LE(8) }
    if (mime === 'image/jpeg') return jpegSize(buffer)
    if (mime === 'image/webp') return webpSize(buffer)
    if (mime === 'image/svg+xml') return svgSize(buffer.subarray(0, 4096).toString('utf8'))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return null
}

function jpegSize(buffer: Buffer): Size | null {
  for (let at = 2; at + 9 < buffer.length; ) {
    if (buffer[at] !== 0xff) return null
    const marker = buffer[at + 1]
    // Start-of-frame markers are C0–CF without C4, C8 and CC.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { height: buffer.readUInt16BE(at + 5), width: buffer.readUInt16BE(at + 7) }
    at += marker === 0xff ? 1 : 2 + buffer.readUInt16BE(at + 2)
  }
  return null
}

function webpSize(buffer: Buffer): Size | null {
  const form = buffer.toString('latin1', 12, 16)
  if (form === 'VP8X') return { width: 1 + buffer.readUIntLE(24, 3), height: 1 + buffer.readUIntLE(27, 3) }
  if (form === 'VP8 ') return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff }
  if (form !== 'VP8L') return null
  const bits = buffer.readUInt32LE(21)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

function svgSize(text: string): Size {
  const tag = /<svg[^>]*>/.exec(text)?.[0] ?? ''
  const attribute = (name: string) =>
    Number.parseFloat(new RegExp(`\\s${name}\\s*=\\s*["']([\\d.]+)`).exec(tag)?.[1] ?? '')
  const box = /viewBox\s*=\s*["'][\d.\s,+-]*?([\d.]+)[\s,]+([\d.]+)\s*["']/.exec(tag)
  return {
    width: attribute('width') || Number(box?.[1]) || 300,
    height: attribute('height') || Number(box?.[2]) || 150,
  }
}
