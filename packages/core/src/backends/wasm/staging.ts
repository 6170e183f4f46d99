import type { Node } from '../../graph/node.ts'
import type { DType } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'

/** Results of fewer bytes are copied out at once: that costs less than keeping account of them. */
const LEAST_RESIDENT_BYTES = 2 ** 16

/** Where a run writes a result. */
export interface ResultPlace {
  readonly dtype: DType
  readonly size: number
  /** Bytes into the staging memory, from where it is copied out; null where it gets a block of its own. */
  readonly offset: number | null
}

/** What lies in the memory that programs share for what goes in and comes out of a run. */
export interface Staging {
  readonly bytes: number
  readonly results: readonly ResultPlace[]
  /** Offsets of what goes in. */
  readonly given: readonly number[]
}

/**
 * Lays out what goes in and comes out of so many runs, the results of which stand one behind the other.
 *
 * @param given Words of each thing that goes in.
 */
export function planStaging(outputs: readonly Node[], runs: number, given: readonly number[] = []): Staging {
  let bytes = 0
  const place = (words: number): number => {
    const offset = bytes
    bytes += Math.ceil(words / 16) * 64
    return offset
  }
  const offsets = given.map(place)
  const results = outputs.map(({ dtype, shape }): ResultPlace => {
    const size = runs * sizeOf(shape)
    return { dtype, size, offset: 4 * size < LEAST_RESIDENT_BYTES ? place(size) : null }
  })
  return { bytes, results, given: offsets }
}
