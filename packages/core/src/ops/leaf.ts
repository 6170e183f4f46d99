import type { Storage } from '../graph/storage.ts'
import type { DType } from '../tensor/dtype.ts'
import type { Shape } from '../tensor/shape.ts'
import type { OpSpec } from './spec.ts'

/** What changes from call to call without being an argument: a learning rate, a step count, a random counter. */
export interface FeedSource {
  readonly shape: Shape
  readonly dtype: DType
  /** The elements for the next run; asked once a run. */
  next(): readonly number[]
}

function leaf<Attrs>(name: string): OpSpec<Attrs> {
  return {
    name,
    kind: 'leaf',
    infer() {
      throw new Error(`${name}: leaves are made with their shape`)
    },
    gradient: null,
    samples: () => [],
  }
}

/** Realised memory: a parameter, a data set, a result that was read. */
export const buffer: OpSpec<{ storage: Storage }> = leaf('buffer')

/** An argument of a compiled function. */
export const input: OpSpec<{ index: number }> = leaf('input')

/** A value asked of the host at each run. */
export const feed: OpSpec<{ source: FeedSource }> = leaf('feed')

/** One number; shape []. It is part of the program: what changes from run to run is a feed. */
export const constant: OpSpec<{ value: number }> = leaf('constant')

/** 0, 1, 2, … along one axis: for one-hot, masks and positions. int32. */
export const iota: OpSpec<{ axis: number }> = leaf('iota')

/**
 * Uniform random numbers in [0, 1) from a counter-based generator (Threefry-2×32 with 20 rounds; Salmon et al., "Parallel
 * random numbers: as easy as 1, 2, 3", 2011): element i is a function of the key, the counter and i alone, so that it
 * is the same on every backend and with any number of threads. Its input is int32 [key0, key1, counter]; `stream`
 * is added to the counter.
 */
export const random: OpSpec<{ stream: number }> = leaf('random')
