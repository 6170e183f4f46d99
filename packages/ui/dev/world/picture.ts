/** Pictures of the made-up world: chest phantoms with lung masks, as PNG. */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { random } from './random.ts'

export interface Blob {
  bytes: Buffer
  type: string
  sha256: string
}

const blobs = new Map<string, Blob>()
export const blob = (sha256: string): Blob | undefined => blobs.get(sha256)

export function keep(bytes: Buffer, type: string) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  blobs.set(sha256, { bytes, type, sha256 })
  return { sha256, size: bytes.length, type }
}

function png(width: number, height: number, grey: Uint8Array): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head[8] = 8
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    Buffer.from(grey.subarray(y * width, (y + 1) * width)).copy(rows, y * (width + 1) + 1)
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export interface Phantom {
  size: number
  image: Uint8Array
  truth: Uint8Array
  prediction: Uint8Array
}

/** A phantom, its lung mask (1 left, 2 right) and a prediction that is the better the greater `skill` (0 to 1). */
export function phantomPixels(seed: number, skill: number, size = 192): Phantom {
  const r = random(seed)
  const shape = {
    x: r.between(0.24, 0.28),
    y: r.between(0.46, 0.52),
    w: r.between(0.13, 0.16),
    h: r.between(0.28, 0.33),
  }
  const wobble = [r() * 6, r() * 6]
  const image = new Uint8Array(size * size)
  const truth = new Uint8Array(size * size)
  const prediction = new Uint8Array(size * size)
  const inside = (u: number, v: number, right: boolean, slack: number) => {
    const cx = right ? 1 - shape.x : shape.x
    const angle = Math.atan2(v - shape.y, u - cx)
    const radius = 1 + 0.08 * Math.sin(3 * angle + wobble[+right]) + slack * Math.sin(5 * angle + wobble[+!right])
    return ((u - cx) / shape.w) ** 2 + ((v - shape.y) / shape.h) ** 2 < radius ** 2
  }
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const u = x / size
      const v = y / size
      const at = y * size + x
      const body = Math.max(0, 1 - ((u - 0.5) / 0.52) ** 4 - ((v - 0.6) / 0.75) ** 6)
      let light = 40 + 150 * body
      for (const right of [false, true]) {
        if (inside(u, v, right, 0)) {
          light -= 85
          truth[at] = right ? 2 : 1
        }
        if (inside(u, v, right, 0.34 * (1 - skill))) prediction[at] = right ? 2 : 1
      }
      light += 16 * Math.max(0, Math.sin(v * 62 + 9 * (u - 0.5) ** 2)) * body
      if (Math.hypot((u - 0.56) / 0.14, (v - 0.62) / 0.16) < 1) light += 38
      if (Math.abs(u - 0.5) < 0.045) light += 34
      image[at] = Math.max(0, Math.min(255, light + 7 * r.gauss()))
    }
  return { size, image, truth, prediction }
}

/** The same as files. */
export function phantom(seed: number, skill: number, size = 192) {
  const { image, truth, prediction } = phantomPixels(seed, skill, size)
  const file = (grey: Uint8Array) => keep(png(size, size, grey), 'image/png')
  return { size, image: file(image), truth: file(truth), prediction: file(prediction) }
}
