import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** An idx file of unsigned bytes. */
export function idxBytes(shape: number[], values: ArrayLike<number>, type = 8): Uint8Array {
  const head = 4 + 4 * shape.length
  const bytes = new Uint8Array(head + values.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(2, type)
  view.setUint8(3, shape.length)
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size)
  })
  bytes.set(values, head)
  return bytes
}

/** Pixels that differ from image to image. */
export function pixels(count: number, height: number, width: number, start = 0): Uint8Array {
  return Uint8Array.from({ length: count * height * width }, (_, index) => (index * 7 + start) % 256)
}

/** A folder with a small data set in MNIST's format: 6 and 4 images of 5×4, labels 0..2. */
export function writeIdxFolder(folder: string, options: { gz?: boolean; dot?: boolean; prefix?: string } = {}): void {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, bytes: Uint8Array) => {
    const full = `${options.prefix ?? ''}${options.dot ? name.replace('-idx', '.idx') : name}${options.gz ? '.gz' : ''}`
    writeFileSync(join(folder, full), options.gz ? gzipSync(bytes) : bytes)
  }
  write('train-images-idx3-ubyte', idxBytes([6, 5, 4], pixels(6, 5, 4)))
  write('train-labels-idx1-ubyte', idxBytes([6], [0, 1, 2, 0, 1, 2]))
  write('t10k-images-idx3-ubyte', idxBytes([4, 5, 4], pixels(4, 5, 4, 3)))
  write('t10k-labels-idx1-ubyte', idxBytes([4], [2, 1, 0, 2]))
}
