import { crc32, deflateSync } from 'node:zlib'

/** What a test wants in a PNG; samples are given one number each and packed here. */
export interface PngSpec {
  width: number
  height: number
  depth: 1 | 2 | 4 | 8 | 16
  colourType: 0 | 2 | 3 | 4 | 6
  samples: ArrayLike<number>
  palette?: number[]
  transparency?: number[]
  interlaced?: boolean
}

/** A PNG written from its specification and not through the library that reads it, so that it can be a test of it. */
export function pngBytes(spec: PngSpec): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(spec.width, 0)
  header.writeUInt32BE(spec.height, 4)
  header.set([spec.depth, spec.colourType, 0, 0, spec.interlaced ? 1 : 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(spec.palette ? [chunk('PLTE', Buffer.from(spec.palette))] : []),
    ...(spec.transparency ? [chunk('tRNS', Buffer.from(spec.transparency))] : []),
    chunk('IDAT', deflateSync(rows(spec))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function rows({ width, height, depth, colourType, samples }: PngSpec): Buffer {
  const perRow = width * { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType]
  const rowBytes = Math.ceil((perRow * depth) / 8)
  const raw = Buffer.alloc(height * (rowBytes + 1))
  for (let row = 0; row < height; row++)
    for (let x = 0; x < perRow; x++) {
      const at = row * (rowBytes + 1) + 1
      const sample = samples[row * perRow + x]
      if (depth === 16) raw.writeUInt16BE(sample, at + 2 * x)
      else raw[at + ((x * depth) >> 3)] |= sample << (8 - depth - ((x * depth) & 7))
    }
  return raw
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(typed.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(typed, 4)
  framed.writeUInt32BE(crc32(typed), typed.length + 4)
  return framed
}
