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
