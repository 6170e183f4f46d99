/**
 * Points of a series in pieces of 1,024, each with a digest of every 64 points: an overview of a million points reads 16,000 digests and no
 * points, a zoom reads the few pieces it shows.
 */
import { ByteReader, ByteWriter } from '../../log/bytes.ts'
import { decodeColumn, encodeColumn } from '../../log/column.ts'

export const CHUNK = 1024
export const BLOCK = 64

export interface Points {
  count: number
  steps: Float64Array
  /** Microseconds since 1970. */
  times: Float64Array
  values: Float64Array
}

/** Numbers of a block: a row of so many in a Float64Array. */
export const BLOCK_WIDTH = 10
export const Digest = {
  firstStep: 0,
  firstTime: 1,
  lastStep: 2,
  lastTime: 3,
  min: 4,
  max: 5,
  sum: 6,
  /** How many values are finite; min, max and sum are over those. */
  finite: 7,
  nonFinite: 8,
  /** 1 where steps ascend within the block. */
  ordered: 9,
} as const

export function encodePoints({ count, steps, times, values }: Points): Uint8Array {
  const writer = new ByteWriter()
  encodeColumn(writer, steps, count)
  encodeColumn(writer, times, count)
  encodeColumn(writer, values, count)
  return writer.view8()
}

export function decodePoints(bytes: Uint8Array, count: number): Points {
  const reader = new ByteReader(bytes)
  return {
    count,
    steps: decodeColumn(reader, count),
    times: decodeColumn(reader, count),
    values: decodeColumn(reader, count),
  }
}

/** Digests of points from `from` to `to`; the last one may be of fewer than 64. */
export function digestPoints({ steps, times, values }: Points, from: number, to: number): Float64Array {
  const blocks = new Float64Array(Math.ceil((to - from) / BLOCK) * BLOCK_WIDTH)
  for (let start = from, at = 0; start < to; start += BLOCK, at += BLOCK_WIDTH) {
    const end = Math.min(to, start + BLOCK)
    let min = Infinity
    let max = -Infinity
    let sum = 0
    let finite = 0
    let ordered = 1
    for (let i = start; i < end; i++) {
      const value = values[i]
      if (i > start && steps[i] < steps[i - 1]) ordered = 0
      if (!Number.isFinite(value)) continue
      if (value < min) min = value
      if (value > max) max = value
      sum += value
      finite++
    }
    blocks[at + Digest.firstStep] = steps[start]
    blocks[at + Digest.firstTime] = times[start]
    blocks[at + Digest.lastStep] = steps[end - 1]
    blocks[at + Digest.lastTime] = times[end - 1]
    blocks[at + Digest.min] = min
    blocks[at + Digest.max] = max
    blocks[at + Digest.sum] = sum
    blocks[at + Digest.finite] = finite
    blocks[at + Digest.nonFinite] = end - start - finite
    blocks[at + Digest.ordered] = ordered
  }
  return blocks
}
