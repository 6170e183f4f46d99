import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Heap } from './heap.ts'

test('blocks are aligned, never overlap, and everything freed can be allocated again', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.boolean()), { maxLength: 60 })
  fc.assert(
    fc.property(sizes, (steps) => {
      const heap = new Heap({ shared: false, initialBytes: 1 << 16, maximumBytes: 64 << 20 })
      const live = new Map<number, number>()
      for (const [bytes, freeOne] of steps) {
        const address = heap.allocate(bytes)
        assert.equal(address % 64, 0)
        assert.ok(address > 0)
        for (const [other, size] of live) assert.ok(address + bytes <= other || other + size <= address)
        assert.equal(heap.bytes(address, bytes + 32).length, bytes + 32)
        live.set(address, bytes)
        if (freeOne) {
          const first = live.keys().next().value!
          heap.free(first)
          live.delete(first)
        }
      }
      for (const address of live.keys()) heap.free(address)
      assert.equal(heap.bytesInUse, 0)
      const all = heap.memory.buffer.byteLength - 4096 - 32
      const pages = heap.memory.buffer.byteLength
      heap.free(heap.allocate(all))
      assert.equal(heap.memory.buffer.byteLength, pages, 'free blocks have merged into one')
    }),
    { numRuns: 50 },
  )
})

test('a block that nothing stands behind makes way for a larger one', () => {
  const heap = new Heap({ shared: false, maximumBytes: 64 << 20 })
  let arena = heap.allocateLast(20 << 20, 4 << 20)
  // These stand before it, not behind.
  const buffers = Array.from({ length: 8 }, () => heap.allocate(300_000))
  for (const buffer of buffers) assert.ok(buffer < arena)
  for (const megabytes of [36, 44, 50]) {
    heap.free(arena)
    arena = heap.allocateLast(megabytes << 20, 4 << 20)
    buffers.push(heap.allocate(1000))
  }
  heap.free(arena)
  for (const buffer of buffers) heap.free(buffer)
  assert.equal(heap.bytesInUse, 0)
  // Where the gap does not fit, the block still does.
  heap.free(heap.allocateLast(62 << 20, 8 << 20))
})

test('with blocks that nothing stands behind, too, none overlap and all is merged again', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom('first', 'last'), fc.boolean())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new Heap({ shared: false, initialBytes: 1 << 16, maximumBytes: 64 << 20 })
      const live = new Map<number, number>()
      for (const [bytes, where, freeOne] of steps) {
        const address = where === 'first' ? heap.allocate(bytes) : heap.allocateLast(bytes, bytes / 3)
        assert.equal(address % 64, 0)
        for (const [other, size] of live) assert.ok(address + bytes <= other || other + size <= address)
        assert.equal(heap.bytes(address, bytes + 32).length, bytes + 32)
        live.set(address, bytes)
        if (freeOne) {
          const first = live.keys().next().value!
          heap.free(first)
          live.delete(first)
        }
      }
      for (const address of live.keys()) heap.free(address)
      assert.equal(heap.bytesInUse, 0)
      const pages = heap.memory.buffer.byteLength
      heap.free(heap.allocate(pages - 4096 - 32))
      assert.equal(heap.memory.buffer.byteLength, pages, 'free blocks have merged into one')
    }),
    { numRuns: 50 },
  )
})

test('the data stays when the memory grows', () => {
  const heap = new Heap({ shared: true, initialBytes: 1 << 16 })
  const address = heap.allocate(40)
  heap.float32(address, 10).set([1, 2, 3])
  const far = heap.allocate(10 << 20)
  heap.float32(far, 10).fill(7)
  assert.deepEqual([...heap.float32(address, 3)], [1, 2, 3])
})

test('addresses above 2 GiB are plain positive numbers', () => {
  const heap = new Heap({ shared: true })
  heap.allocate(2 ** 31)
  const high = heap.allocate(64)
  assert.ok(high > 2 ** 31)
  heap.float32(high, 1)[0] = 5
  assert.equal(heap.float32(high, 1)[0], 5)
})

test('where memory is full, who can give some back is asked first', () => {
  const heap = new Heap({ shared: false, maximumBytes: 4 << 20 })
  const spare = [heap.allocate(1 << 20), heap.allocate(1 << 20)]
  heap.whenFull = () => {
    const address = spare.pop()
    if (address) heap.free(address)
  }
  const large = heap.allocate(2.5 * 2 ** 20)
  assert.equal(spare.length, 1)
  heap.free(large)
  heap.allocate(2 << 20)
  assert.equal(spare.length, 1, 'nobody is asked without need')
  assert.throws(() => heap.allocate(4 << 20), /do not fit/)
})

test('faults are named', () => {
  const heap = new Heap({ shared: false, maximumBytes: 1 << 20 })
  assert.throws(() => heap.allocate(2 << 20), /2 MiB more do not fit: 0.00 MiB are in use of at most 1 MiB/)
  assert.throws(() => heap.allocate(-1), /cannot allocate -1 bytes/)
  assert.throws(() => heap.free(64), /address 64 is not allocated/)
  const address = heap.allocate(1)
  heap.free(address)
  assert.throws(() => heap.free(address), /freed twice/)
})
