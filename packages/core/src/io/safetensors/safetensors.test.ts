import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fromArray, io, type Tensor, tensor, zeros } from '../../index.ts'
import { crc32, crc32Portable } from '../../platform/crc32.ts'
import { fromHalf } from './dtypes.ts'
import { MAX_HEADER_BYTES } from './header.ts'

/** A file of any header and data. */
function file(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
})

describe('safetensors', () => {
  test('whatever is written is read', async () => {
    const entry = fc.record({
      dtype: fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const),
      shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
      seed: fc.integer({ min: 1, max: 100 }),
    })
    const names = fc.oneof(fc.string(), fc.constantFrom('0', '1', '0.weight', '__proto__', 'constructor'))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, entry), fc.boolean(), async (description, checksum) => {
        fc.pre(!Object.hasOwn(description, '__metadata__'))
        const tensors: [string, Tensor][] = Object.entries(description).map(([name, { dtype, shape, seed }]) => {
          const size = shape.reduce((a, b) => a * b, 1)
          return [
            name,
            fromArray(
              Array.from({ length: size }, (_, i) => ((i * seed) % 7) - 3),
              shape,
              { dtype },
            ),
          ]
        })
        const metadata = { made: 'here', 'the second': '"quoted"\n' }
        const bytes = await io.writeSafetensors(Object.fromEntries(tensors), { metadata, checksum })
        const read = io.readSafetensors(bytes)
        assert.deepEqual(new Set(Object.keys(read.tensors)), new Set(Object.keys(description)))
        assert.equal(read.metadata.made, 'here')
        for (const [name, { dtype, shape }] of Object.entries(description)) {
          const found = Object.getOwnPropertyDescriptor(read.tensors, name)!.value as Tensor
          assert.equal(found.dtype, dtype)
          assert.deepEqual(found.shape, shape)
          assert.deepEqual(await found.data(), await tensors.find(([key]) => key === name)![1].data())
        }
      }),
      { numRuns: 60 },
    )
  })
  test('other types become ours', async () => {
    const view = new DataView(new ArrayBuffer(32))
    view.setUint16(0, 0x3e00, true)
    view.setUint16(2, 0xc000, true)
    view.setUint16(4, 0x3fc0, true)
    view.setUint16(6, 0xc000, true)
    view.setBigInt64(8, -5n, true)
    view.setFloat64(16, 0.5, true)
    view.setInt16(24, -7, true)
    view.setInt8(26, -3)
    view.setUint8(27, 255)
    view.setUint8(28, 1)
    const part = (dtype: string, begin: number, end: number, shape: number[]) => ({
      dtype,
      shape,
      data_offsets: [begin, end],
    })
    const header = {
      half: part('F16', 0, 4, [2]),
      brain: part('BF16', 4, 8, [2]),
      long: part('I64', 8, 16, []),
      double: part('F64', 16, 24, [1]),
      short: part('I16', 24, 26, [1]),
      byte: part('I8', 26, 27, [1]),
      unsigned: part('U8', 27, 28, [1]),
      truth: part('BOOL', 28, 29, [1, 1]),
    }
    const { tensors } = io.readSafetensors(file(header, new Uint8Array(view.buffer, 0, 29)))
    const read = Object.fromEntries(
      await Promise.all(Object.entries(tensors).map(async ([name, t]) => [name, await t.toArray()])),
    )
    assert.deepEqual(read, {
      half: [1.5, -2],
      brain: [1.5, -2],
      long: -5,
      double: [0.5],
      short: [-7],
      byte: [-3],
      unsigned: [255],
      truth: [[true]],
    })
    view.setBigInt64(8, 2n ** 40n, true)
    assert.throws(
      () => io.readSafetensors(file(header, new Uint8Array(view.buffer, 0, 29))),
      /long holds 1099511627776, which int32 cannot/,
    )
  })
  test('half precision at its ends', () => {
    const cases: [number, number][] = [
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x7bff, 65504],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
      [0x8000, -0],
    ]
    for (const [bits, value] of cases) assert.ok(Object.is(fromHalf(bits), value), bits.toString(16))
  })
})

describe('a hostile or broken file is refused', () => {
  const eight = new Uint8Array(8)
  const long = file({})
  new DataView(long.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES) + 1n, true)
  const beyond = file({ a: f32(0, 4) })
  new DataView(beyond.buffer).setBigUint64(0, 2000n, true)
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(3), /3 bytes are too few/],
    ['a header of gigabytes', long, /its header claims 100000001 bytes, at most 100000000/],
    ['a header cut short', beyond, /its header claims 2000 bytes, \d+ are there; it was cut short/],
    ['no JSON', file('{"a": '), /its header is not JSON/],
    ['a list', file('[]'), /does not begin with \{/],
    ['bytes that are no text', file('{"\u0000'), /not JSON/],
    ['a key twice', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}}', eight), /the key "a" twice/],
    ['a key twice, written differently', file('{"a":{"dtype":"F32","dtype" :"I32"}}'), /the key "dtype" twice/],
    ['an escaped key twice', file('{"a":{}, "\\u0061":{}}'), /the key "a" twice/],
    ['data cut short', file({ a: f32(0, 16) }, eight), /its tensors need 16 bytes, 8 are there; it was cut short/],
    ['data nobody owns at the end', file({ a: f32(0, 4) }, eight), /4 bytes at its end belong to nothing/],
    ['a gap', file({ a: f32(4, 8) }, eight), /4 bytes before tensor a belong to nothing/],
    ['overlapping parts', file({ a: f32(0, 8), b: f32(4, 8) }, eight), /tensors a and b overlap/],
    ['offsets that fall', file({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } }, eight), /two rising whole/],
    ['offsets that are no numbers', file({ a: { dtype: 'F32', shape: [1], data_offsets: ['0', '4'] } }), /two rising/],
    ['negative offsets', file({ a: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } }), /two rising/],
    [
      'a size that is no number',
      file({ a: { dtype: 'F32', shape: [0.5], data_offsets: [0, 2] } }),
      /sizes must be whole/,
    ],
    ['a shape that does not fit', file({ a: f32(0, 8, [3]) }, eight), /needs 12 bytes, its offsets span 8/],
    ['a shape that runs over', file({ a: f32(0, 8, [2 ** 40, 2 ** 40]) }, eight), /its offsets span 8/],
    ['a type nobody knows', file({ a: { dtype: 'F8', shape: [], data_offsets: [0, 1] } }), /the type "F8"; only F32,/],
    [
      'a type of the prototype',
      file({ a: { dtype: 'constructor', shape: [], data_offsets: [0, 1] } }),
      /the type "con/,
    ],
    ['no description', file({ a: 7 }), /tensor "a" is not described by an object/],
    ['metadata that are no texts', file({ __metadata__: { a: 1 } }), /__metadata__ must hold texts only/],
  ]
  for (const [name, bytes, message] of cases) {
    test(name, () => {
      assert.throws(
        () => io.readSafetensors(bytes, 'weights.safetensors'),
        (error: Error) => {
          assert.equal(error.name, 'FormatError')
          assert.match(error.message, /^weights\.safetensors: is not a sound safetensors file: [^\n]*$/)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }
  test('a tensor cannot take the name of the metadata', async () => {
    await assert.rejects(io.writeSafetensors({ __metadata__: zeros([1]) }), /no tensor can be called __metadata__/)
  })
})

describe('files', () => {
  test('are written whole or not at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-'))
    try {
      const path = join(folder, 'new', 'a.safetensors')
      await io.saveSafetensors(path, { a: tensor([1, 2]) })
      assert.deepEqual(await (await io.loadSafetensors(path)).tensors.a.toArray(), [1, 2])
      assert.deepEqual(await readdir(join(folder, 'new')), ['a.safetensors'], 'nothing else is left')
      const before = await readFile(path)
      await writeFile(join(folder, 'file'), '')
      await assert.rejects(io.saveSafetensors(join(folder, 'file', 'b'), { a: tensor([1]) }), {
        name: 'FileError',
        message: /file.b: cannot be written \(/,
      })
      assert.deepEqual(await readFile(path), before)
      await assert.rejects(io.loadSafetensors(join(folder, 'none')), /none: cannot be read \(ENOENT/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
  test('checksums: the known answer, and the same with and without zlib', () => {
    const bytes = new TextEncoder().encode('123456789')
    assert.equal(crc32Portable(bytes), 0xcbf43926)
    assert.equal(crc32(bytes), 0xcbf43926)
  })
})
