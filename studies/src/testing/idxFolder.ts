import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** An idx file: magic number, sizes, bytes. */
export function idxFile(sizes: readonly number[], bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length)
  head[2] = 8
  head[3] = sizes.length
  for (const [i, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * i)
  return Buffer.concat([head, bytes])
}

/**
 * Writes a small data set in MNIST's format under Fashion-MNIST's names, gzipped: images of 12 × 16 whose class is the place
 * of a bright square, which a network learns in a moment.
 */
export function writeSquares(folder: string, { train = 320, test = 100, classes = 4 } = {}): void {
  mkdirSync(folder, { recursive: true })
  const [height, width] = [12, 16]
  for (const [prefix, count] of [['train', train] as const, ['t10k', test] as const]) {
    const images = new Uint8Array(count * height * width)
    const labels = new Uint8Array(count)
    for (let i = 0; i < count; i++) {
      labels[i] = i % classes
      for (let at = 0; at < height * width; at++) {
        const inside = Math.floor((at % width) / 4) === labels[i]
        images[i * height * width + at] = inside ? 200 + ((i * 7 + at) % 56) : (i * 13 + at * 5) % 40
      }
    }
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte.gz`), gzipSync(idxFile([count, height, width], images)))
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte.gz`), gzipSync(idxFile([count], labels)))
  }
}
