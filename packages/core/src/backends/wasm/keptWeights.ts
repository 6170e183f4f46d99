import type { Storage } from '../../graph/storage.ts'
import type { Heap } from './threads/index.ts'

/** Where a run finds packed weights. */
export interface WeightsPlace {
  readonly address: number
  /** Whether the run has to pack them first. */
  readonly prepares: boolean
  /** To be called when it has. */
  readonly prepared: () => void
}

const collected = new FinalizationRegistry<{ heap: Heap; address: number }>(({ heap, address }) => heap.free(address))

/**
 * Packed weights that a program keeps from run to run until the weights change: evaluation, prediction and frozen layers
 * pack them once. A program that runs once takes no memory for it; the second run with the same weights does.
 */
export class KeptWeights {
  readonly bytes: number
  /** The weights' places among the program's buffers. */
  readonly #buffers: readonly number[]
  #packed: readonly { readonly storage: WeakRef<Storage>; readonly version: number }[] = []
  /** The memory that is the program's own; 0 before the second run. */
  #block = 0

  constructor(bytes: number, buffers: ReadonlySet<number>) {
    this.bytes = bytes
    this.#buffers = [...buffers]
  }

  /** Where a run with these buffers finds its packed weights; `spare` is room for them that lasts as long as the run. */
  place(heap: Heap, buffers: readonly Storage[], spare: number): WeightsPlace {
    const given = this.#buffers.map((place) => buffers[place])
    const isSame = given.every((storage, i) => {
      const packed = this.#packed[i]
      return packed?.storage.deref() === storage && packed.version === storage.version
    })
    const prepares = this.bytes > 0 && !(isSame && this.#block > 0)
    if (prepares && isSame) {
      this.#block = heap.allocate(this.bytes)
      // Until this run is over nothing is packed there.
      this.#packed = []
      collected.register(this, { heap, address: this.#block })
    }
    const packed = prepares
      ? given.map((storage) => ({ storage: new WeakRef(storage), version: storage.version }))
      : null
    return {
      address: this.#block || spare,
      prepares,
      prepared: () => {
        if (packed) this.#packed = packed
      },
    }
  }
}
