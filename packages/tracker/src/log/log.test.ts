import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { scratch } from '../testing/scratch.ts'
import { LogDecoder, type LogEntry } from './decoder.ts'
import { encodeFrame, FrameKind, HEADER } from './frame.ts'
import { LogReader, readLog } from './reader.ts'
import type { LogRecord } from './records.ts'
import { decodeRows, encodeRows, type Rows } from './rows.ts'
import { LogWriter } from './writer.ts'

const alert = (title: string): LogRecord => ({ type: 'alert', time: 1, step: 0, level: 'info', title, text: '' })

function someRows(first: number, count: number, key = 0): Rows {
  return {
    count,
    steps: Float64Array.from({ length: count }, (_, i) => first + i),
    times: Float64Array.from({ length: count }, (_, i) => 1e15 + first + i),
    continues: null,
    columns: [{ key, rows: null, values: Float64Array.from({ length: count }, (_, i) => Math.sin(first + i)) }],
  }
}

/** A log of ten blocks with a record after each. */
function write(path: string): void {
  const writer = new LogWriter(path)
  writer.addKey('loss')
  for (let block = 0; block < 10; block++) {
    writer.rows(someRows(block * 10, 10))
    writer.record(alert(`block ${block}`))
    writer.flush()
  }
  writer.close()
}

const stepsOf = (entries: Iterable<LogEntry>) =>
  [...entries].flatMap((entry) => (entry.kind === 'rows' ? Array.from(entry.rows.steps) : []))

test('what is written is read, with keys by name', (t) => {
  const path = join(scratch(t), 'run.log')
  write(path)
  const entries = [...readLog(path)]
  assert.equal(entries.length, 20)
  assert.deepEqual(
    stepsOf(entries),
    Array.from({ length: 100 }, (_, i) => i),
  )
  const first = entries[0]
  assert.ok(first.kind === 'rows' && first.keys[first.rows.columns[0].key] === 'loss')
})

test('rows come back with their gaps and continuations', () => {
  const optional = fc.option(fc.double(), { nil: undefined })
  fc.assert(
    fc.property(
      fc.array(fc.record({ step: fc.nat(1e9), a: optional, b: optional, continues: fc.boolean() }), {
        minLength: 1,
        maxLength: 50,
      }),
      (table) => {
        const column = (name: 'a' | 'b', key: number) => {
          const rows = table.flatMap((row, i) => (row[name] === undefined ? [] : [i]))
          const values = Float64Array.from(rows, (i) => table[i][name] as number)
          return { key, rows: rows.length === table.length ? null : Uint32Array.from(rows), values }
        }
        const rows: Rows = {
          count: table.length,
          steps: Float64Array.from(table, (row) => row.step),
          times: Float64Array.from(table, (_, i) => i * 1000),
          continues: table.some((row) => row.continues) ? Uint8Array.from(table, (row) => +row.continues) : null,
          columns: [column('a', 3), column('b', 900)].filter((c) => c.values.length > 0),
        }
        const bytes = encodeRows(rows)
        assert.deepEqual(decodeRows(bytes), rows)
        assert.deepEqual(
          decodeRows(bytes, (key) => key === 900).columns,
          rows.columns.filter((c) => c.key === 900),
        )
      },
    ),
  )
})

test('cut anywhere, all whole frames are read and nothing is invented', (t) => {
  const path = join(scratch(t), 'run.log')
  write(path)
  const bytes = readFileSync(path)
  const whole = [...new LogDecoder().decode(bytes)]
  for (let length = 0; length <= bytes.length; length += 3) {
    const decoder = new LogDecoder()
    const entries = [...decoder.decode(bytes.subarray(0, length))]
    assert.deepEqual(entries, whole.slice(0, entries.length))
    assert.equal(decoder.damage.length, 0)
    assert.equal(decoder.offset + decoder.pendingBytes, length)
  }
})

test('given in any portions, the entries are the same', (t) => {
  const path = join(scratch(t), 'run.log')
  write(path)
  const bytes = readFileSync(path)
  const whole = [...new LogDecoder().decode(bytes)]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }), (sizes) => {
      const decoder = new LogDecoder()
      const entries: LogEntry[] = []
      let at = 0
      for (let i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]
        entries.push(...decoder.decode(bytes.subarray(at, at + size), false))
        at += size
      }
      assert.deepEqual(entries, whole)
    }),
    { numRuns: 30 },
  )
})

test('a damaged byte costs one frame, and the rest is read and the gap is said', (t) => {
  const path = join(scratch(t), 'run.log')
  write(path)
  const good = readFileSync(path)
  const whole = [...new LogDecoder().decode(good)]
  fc.assert(
    fc.property(
      fc.integer({ min: HEADER.length, max: good.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const bytes = Buffer.from(good)
        bytes[at] ^= flip
        const decoder = new LogDecoder()
        const entries = [...decoder.decode(bytes)]
        // The dictionary frame is the first: without it the rows of this small log have lost their names.
        const records = entries.filter((entry) => entry.kind === 'record').length
        assert.ok(records >= 9, `${records} of 10 records`)
        assert.ok(entries.length < whole.length)
        assert.ok(decoder.damage.length > 0 || decoder.pendingBytes > 0)
      },
    ),
    { numRuns: 200 },
  )
})

test('any bytes at all are read without a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      void [...new LogDecoder().decode(Buffer.concat([HEADER, bytes]))]
      void [...new LogDecoder().decode(bytes)]
    }),
    { numRuns: 500 },
  )
  // Payloads behind a right checksum get further.
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3, 4, 5, 77), fc.uint8Array({ maxLength: 300 }), (kind, payload) => {
      void [...new LogDecoder().decode(Buffer.concat([HEADER, encodeFrame(kind as FrameKind, payload)]))]
    }),
    { numRuns: 500 },
  )
})

test('records that are not what they say are damage, and those of later versions are passed over', () => {
  const decode = (record: unknown) => {
    const decoder = new LogDecoder()
    const entries = [
      ...decoder.decode(Buffer.concat([HEADER, encodeFrame(FrameKind.record, Buffer.from(JSON.stringify(record)))])),
    ]
    return { entries: entries.length, damage: decoder.damage.length }
  }
  assert.deepEqual(decode(alert('x')), { entries: 1, damage: 0 })
  assert.deepEqual(decode({ type: 'from the future', x: 1 }), { entries: 0, damage: 0 })
  let deep: unknown = 1
  for (let i = 0; i < 2000; i++) deep = [deep]
  for (const bad of [
    [],
    1,
    {},
    { type: 'media' },
    { type: 'media', step: 1, time: 1, key: 'k', items: [{ kind: 'image' }] },
    { type: 'media', step: 1, time: 1, key: 'k', items: [{ kind: 'constructor' }] },
    { ...alert('x'), level: 'loud' },
    { type: 'config', set: { deep } },
    { type: 'config', set: [] },
    { type: 'edit', time: 1, name: { toString: 1 } },
  ])
    assert.deepEqual(decode(bad), { entries: 0, damage: 1 }, JSON.stringify(bad).slice(0, 80))
})

test('a block that claims more than its bytes can hold is refused without taking the memory', () => {
  const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])
  const decoder = new LogDecoder()
  void [...decoder.decode(Buffer.concat([HEADER, encodeFrame(FrameKind.rows, bomb)]))]
  assert.match(decoder.damage[0].reason, /rows/)
})

test('bytes full of false frame marks are given up in bounded time', () => {
  const bytes = Buffer.alloc(4 << 20)
  for (let at = 0; at + 12 <= bytes.length; at += 12) {
    bytes.writeUInt16LE(0x59d7, at)
    bytes.writeUInt32LE(Math.min(2 << 20, Math.max(0, bytes.length - at - 13)), at + 4)
  }
  const start = performance.now()
  void [...new LogDecoder().decode(Buffer.concat([HEADER, bytes]))]
  assert.ok(performance.now() - start < 5000)
})

test('a later version and a foreign file are refused by name', () => {
  const later = Buffer.from(HEADER)
  later[7] = 9
  const decoder = new LogDecoder()
  void [...decoder.decode(later)]
  assert.match(decoder.unreadable ?? '', /version 9/)
  for (const text of ['hello, world', 'hello', 'h']) {
    const foreign = new LogDecoder()
    void [...foreign.decode(Buffer.from(text))]
    assert.match(foreign.unreadable ?? '', /not a run log/)
  }
})

test('a reader follows a file that grows, and one whose torn tail is cut and written anew', (t) => {
  const path = join(scratch(t), 'run.log')
  const reader = new LogReader(path)
  assert.deepEqual([...reader.read()], [])
  const writer = new LogWriter(path)
  writer.addKey('loss')
  writer.rows(someRows(0, 3))
  writer.flush()
  assert.deepEqual(stepsOf(reader.read()), [0, 1, 2])
  assert.deepEqual([...reader.read()], [])
  writer.close()
  appendFileSync(path, encodeFrame(FrameKind.record, Buffer.from('{"type":"alert"}')).subarray(0, 15))
  assert.deepEqual([...reader.read()], [])
  const again = new LogWriter(path, reader.offset, reader.keys)
  again.rows(someRows(3, 2))
  again.record(alert('after'))
  again.close()
  const more = [...reader.read()]
  assert.deepEqual(stepsOf(more), [3, 4])
  assert.equal(more.length, 2)
  assert.equal(reader.damage.length, 0)
  truncateSync(path, 20)
  void [...reader.read()]
  assert.match(reader.unreadable ?? '', /shrank/)
})

test('reading goes on from a known offset with its keys', (t) => {
  const path = join(scratch(t), 'run.log')
  write(path)
  const first = new LogReader(path)
  const entries = first.read()
  for (let i = 0; i < 6; i++) entries.next()
  const rest = new LogReader(path, first.offset, first.keys)
  assert.deepEqual(
    stepsOf(rest.read()),
    Array.from({ length: 70 }, (_, i) => 30 + i),
  )
})

test('a full disk loses nothing: all is written once there is room', (t) => {
  const path = join(scratch(t), 'run.log')
  let room = 400
  const writer = new LogWriter(path, 0, [], {
    write(file, bytes, position) {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      const count = writeSync(file, bytes, 0, Math.min(bytes.length, room), position)
      room -= count
      return count
    },
    truncate: (_file, length) => truncateSync(path, length),
  })
  writer.addKey('loss')
  for (let block = 0; block < 10; block++) {
    writer.rows(someRows(block * 10, 10))
    writer.flush()
  }
  assert.match(writer.failure?.message ?? '', /ENOSPC/)
  const before = new LogReader(path)
  const had = stepsOf(before.read()).length
  assert.ok(had > 0 && had < 100 && before.pendingBytes === 0 && before.damage.length === 0)
  room = 1e9
  assert.equal(writer.flush(), true)
  assert.equal(writer.failure, null)
  assert.equal(stepsOf(readLog(path)).length, 100)
  writer.close()
})

test('an empty file and a file of half a header are started anew', (t) => {
  const path = join(scratch(t), 'run.log')
  writeFileSync(path, HEADER.subarray(0, 4))
  const reader = new LogReader(path)
  assert.deepEqual([...reader.read()], [])
  assert.equal(reader.offset, 0)
  const writer = new LogWriter(path, reader.offset)
  writer.record(alert('first'))
  writer.close()
  assert.equal([...readLog(path)].length, 1)
})
