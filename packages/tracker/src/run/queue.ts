/**
 * Rows on their way from the training thread to the writer thread, in shared memory: the writer can take them while the training thread
 * computes for seconds, and so nothing that was logged depends on an event loop. Segments hold one writer and one reader without locks.
 *
 * A segment is 16 bytes of Int32 (0: how many numbers of the body are valid, 1: the state) and then Float64. A row is
 * [schema, step, time, value…]; a row that continues the one before it has the schema −1 − schema.
 */

const HEAD_BYTES = 16
const VALID = 0
const STATE = 1
/** States: the producer fills it; it will get no more; the consumer has taken everything. */
const OPEN = 0
const CLOSED = 1
const DRAINED = 2

const FIRST_SIZE = 1 << 12
const LAST_SIZE = 1 << 17
/** Numbers that may wait for the writer: 256 MiB. Beyond that the disk has been stuck for long, and the training goes on without it. */
const MAX_WAITING = 1 << 25

class Segment {
  readonly head: Int32Array
  readonly body: Float64Array
  constructor(buffer: SharedArrayBuffer) {
    this.head = new Int32Array(buffer, 0, HEAD_BYTES / 4)
    this.body = new Float64Array(buffer, HEAD_BYTES)
  }
}

export class RowProducer {
  /** Rows that found no place. */
  lost = 0
  /** Where the next row goes: written here first, valid after {@link commit}. */
  body: Float64Array = new Float64Array(0)
  at = 0
  private head: Int32Array = new Int32Array(4)
  private size = FIRST_SIZE
  private readonly post: (segment: SharedArrayBuffer) => void
  private readonly given: Segment[] = []

  constructor(post: (segment: SharedArrayBuffer) => void) {
    this.post = post
  }

  /** Makes room for a row of `count` numbers; false where there is none. */
  reserve(count: number): boolean {
    if (this.at + count <= this.body.length) return true
    return this.next(count)
  }

  commit(count: number): void {
    this.at += count
    Atomics.store(this.head, VALID, this.at)
  }

  private next(count: number): boolean {
    let waiting = count
    let free: Segment | undefined
    for (const segment of this.given) {
      if (Atomics.load(segment.head, STATE) !== DRAINED) waiting += segment.body.length
      else if (segment.body.length === LAST_SIZE && count <= LAST_SIZE) free = segment
    }
    if (waiting > MAX_WAITING) {
      this.lost++
      return false
    }
    Atomics.store(this.head, STATE, CLOSED)
    let segment = free
    if (segment) {
      this.given.splice(this.given.indexOf(segment), 1)
      Atomics.store(segment.head, VALID, 0)
      Atomics.store(segment.head, STATE, OPEN)
    } else {
      segment = new Segment(new SharedArrayBuffer(HEAD_BYTES + 8 * Math.max(this.size, count)))
      this.size = Math.min(LAST_SIZE, this.size * 4)
    }
    // Drained segments beyond one spare are let go.
    for (let i = this.given.length - 1, spare = 0; i >= 0; i--)
      if (Atomics.load(this.given[i].head, STATE) === DRAINED && ++spare > 1) this.given.splice(i, 1)
    this.given.push(segment)
    this.head = segment.head
    this.body = segment.body
    this.at = 0
    this.post(segment.body.buffer as SharedArrayBuffer)
    return true
  }
}

export class RowConsumer {
  private readonly segments: Segment[] = []
  private at = 0

  add(buffer: SharedArrayBuffer): void {
    this.segments.push(new Segment(buffer))
  }

  /**
   * Hands over what is there: pieces of whole rows, each valid until `take` returns. `take` says how far it got, and is asked again from there next time.
   */
  drain(take: (body: Float64Array, from: number, to: number) => number): void {
    for (;;) {
      const segment = this.segments[0]
      if (!segment) return
      // The state is read first: once closed, the count read afterwards is final.
      const state = Atomics.load(segment.head, STATE)
      const valid = Atomics.load(segment.head, VALID)
      if (valid > this.at) this.at = take(segment.body, this.at, valid)
      if (state !== CLOSED || this.at < valid) return
      Atomics.store(segment.head, STATE, DRAINED)
      this.segments.shift()
      this.at = 0
    }
  }
}
