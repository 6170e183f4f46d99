import type { Resident, Storage } from '../../graph/storage.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import type { WasmRuntime } from './runtime.ts'
import type { Heap } from './threads/index.ts'

/** A storage's copy in the heap of a runtime. */
class HeapCopy implements Resident {
  readonly owner: WasmRuntime
  readonly address: number
  newer = false
  readonly #float: boolean

  constructor(owner: WasmRuntime, address: number, float: boolean) {
    this.owner = owner
    this.address = address
    this.#float = float
  }

  #view(length: number): TypedArray {
    const { heap } = this.owner
    return this.#float ? heap.float32(this.address, length) : heap.int32(this.address, length)
  }

  pull(into: TypedArray): void {
    into.set(this.#view(into.length))
  }

  push(from: TypedArray): void {
    this.#view(from.length).set(from)
  }
}

/** Gives blocks back when the storages they belonged to are gone. Only state is registered, never an intermediate. */
const collected = new FinalizationRegistry<{ heap: Heap; address: number }>(({ heap, address }) => heap.free(address))

/** The address of a storage's elements in the heap; they are copied there at the first use. */
export function residentAddress(storage: Storage, runtime: WasmRuntime): number {
  if (storage.resident?.owner === runtime) return (storage.resident as HeapCopy).address
  const elements = storage.read()
  const address = runtime.heap.allocate(4 * storage.size)
  const copy = new HeapCopy(runtime, address, storage.dtype === 'float32')
  copy.push(elements)
  storage.resident = copy
  collected.register(storage, { heap: runtime.heap, address })
  return address
}

/** Arguments that were given before: a batch of a loader comes once, a test set in every epoch. */
const givenBefore = new WeakSet<Storage>()

/** The address of an argument that is given again and again; null at the first time, when it is copied like any other. */
export function repeatedAddress(storage: Storage, runtime: WasmRuntime): number | null {
  if (storage.resident?.owner !== runtime && !givenBefore.has(storage)) {
    givenBefore.add(storage)
    return null
  }
  return residentAddress(storage, runtime)
}
