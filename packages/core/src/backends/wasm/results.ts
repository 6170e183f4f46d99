import { Storage } from '../../graph/storage.ts'
import type { DType } from '../../tensor/dtype.ts'
import { attach, detach, HeapCopy } from './resident.ts'
import type { WasmRuntime } from './runtime.ts'

/** Bytes of results that may lie in the heap unread before the oldest are fetched from there. */
const MOST_BYTES = 2 ** 28
/** A handful: as many as the large results of most programs. */
const MOST_SPARE_WEIGHTS = 4

interface HeldResult {
  readonly storage: WeakRef<Storage>
  readonly bytes: number
  /** The last turn that had something to do with it. */
  turn: number
  /** Whether a later run has used it as an operand. */
  isOperand: boolean
  /** Whether the host has the elements as well. */
  isRead: boolean
}

/**
 * The large results of programs, which stay in the heap until somebody reads them: often it is only the next program that
 * does, or nobody. What is here may be given up at the start of a run; the storage then has its elements on the host, like any
 * other. What is used again and again is no longer here but stays, as parameters do.
 */
export class Results {
  readonly #runtime: WasmRuntime
  /** By address, the oldest first. */
  readonly #results = new Map<number, HeldResult>()
  #bytes = 0
  /** Of results that have been read: those that come next are often as large. */
  readonly #spareWeights: ArrayBuffer[] = []

  constructor(runtime: WasmRuntime) {
    this.#runtime = runtime
  }

  /** A storage that a run is about to write; to be asked for when the addresses of the run's operands are known. */
  make(dtype: DType, size: number): Storage {
    const bytes = 4 * size
    this.#makeRoom(bytes)
    const storage = new Storage(dtype, size)
    // V8 does not see blocks of the heap and would collect the storages of gigabytes as late as those of nothing. So each
    // holds on to memory of its size that V8 does count. Nobody touches it, so the system never provides it; a resizable
    // buffer because V8 fills others with zeros.
    const spare = this.#spareWeights.findIndex(({ byteLength }) => byteLength === bytes)
    const weight = spare < 0 ? new ArrayBuffer(bytes, { maxByteLength: bytes }) : this.#spareWeights.splice(spare, 1)[0]
    const address = this.#runtime.heap.allocate(bytes)
    const copy = new HeapCopy(this.#runtime, address, storage)
    copy.weight = weight
    const { turn } = this.#runtime
    const result = { storage: new WeakRef(storage), bytes, turn, isOperand: false, isRead: false }
    this.#results.set(address, result)
    this.#bytes += bytes
    attach(storage, copy, result)
    storage.replaced()
    return storage
  }

  /** Says that the host has the elements at an address as well: giving the block up costs nothing now. */
  read(address: number, weight: ArrayBuffer | null): void {
    if (weight && this.#spareWeights.push(weight) > MOST_SPARE_WEIGHTS) this.#spareWeights.shift()
    const result = this.#results.get(address)
    if (result) result.isRead = true
  }

  /** Says that a run uses the elements at an address; at the second that does they are there to stay. */
  used(address: number): void {
    const result = this.#results.get(address)
    if (!result || result.turn === this.#runtime.turn) return
    if (result.isOperand) this.forget(address)
    result.isOperand = true
    result.turn = this.#runtime.turn
  }

  /** Has no more to do with the block at an address: it is its storage's until that is gone, if it is not freed now. */
  forget(address: number): void {
    const result = this.#results.get(address)
    if (!result) return
    this.#results.delete(address)
    this.#bytes -= result.bytes
  }

  /** Gives up all that the run under way does not use. */
  giveUp(): void {
    for (const [address, result] of this.#results) this.#fetch(address, result)
  }

  #makeRoom(bytes: number): void {
    for (const [address, result] of this.#results) {
      if (result.isRead || this.#bytes + bytes > MOST_BYTES) this.#fetch(address, result)
    }
  }

  /** Fetches the elements of a storage to the host, where they are not there already, and frees their block. */
  #fetch(address: number, result: HeldResult): void {
    if (result.turn === this.#runtime.turn) return
    // Only here: whoever asks for what a weak reference points to keeps it alive until the event loop turns.
    const storage = result.storage.deref()
    const resident = storage?.resident
    if (resident?.owner === this.#runtime && (resident as HeapCopy).address === address) {
      storage!.read()
      storage!.resident = null
    }
    detach(result)
    this.forget(address)
    this.#runtime.heap.free(address)
  }
}
