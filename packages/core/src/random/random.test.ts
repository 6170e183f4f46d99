import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, Generator, manualSeed, rand, randint, randn, realize } from '../index.ts'
import { assertClose } from '../testing/close.ts'
import { threefry2x32 } from './threefry.ts'

const hex = (words: number[]) => words.map((word) => (word >>> 0).toString(16).padStart(8, '0'))

test('Threefry gives the known answers of its authors', () => {
  assert.deepEqual(hex(threefry2x32(0, 0, 0, 0)), ['6b200159', '99ba4efe'])
  assert.deepEqual(hex(threefry2x32(-1, -1, -1, -1)), ['1cb996fc', 'bb002be7'])
  assert.deepEqual(hex(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3 | 0)), ['c4923a9c', '483df7a0'])
})

test('one seed gives one sequence, on the host, in tensors and inside compiled functions', async () => {
  const host = new Generator(5)
  const expected = [host.uniform(6), host.uniform(6)]
  const eager = new Generator(5)
  const [a, b] = [rand([2, 3], { generator: eager }), rand([6], { generator: eager })]
  assert.deepEqual(await a.data(), expected[0])
  assert.deepEqual(await b.data(), expected[1])
  const traced = new Generator(5)
  const draw = compile(() => rand([6], { generator: traced }))
  assert.deepEqual(await (await draw()).data(), expected[0])
  assert.deepEqual(await (await draw()).data(), expected[1], 'every run draws anew')
  assert.deepEqual(traced.state, { seed: 5, counter: 2 })
})

test('a generator continues from its state', () => {
  const generator = new Generator(2 ** 40 + 3)
  generator.uniform(3)
  const { state } = generator
  const next = generator.uniform(5)
  const other = new Generator()
  other.state = state
  assert.deepEqual(other.uniform(5), next)
  assert.throws(() => new Generator(-1), /seed must be an integer from 0/)
  assert.throws(() => new Generator(0.5), /got 0.5/)
  assert.throws(() => {
    other.state = { seed: 1, counter: -2 }
  }, /counter/)
})

test('numbers have the distributions they are named after', async () => {
  manualSeed(3)
  const size = 20_000
  const uniform = rand([size])
  const normal = randn([size])
  const dice = randint(1, 7, [size])
  await realize([uniform, normal, dice])
  const moments = async (x: typeof uniform) => {
    const elements = Float64Array.from(await x.data())
    const mean = elements.reduce((a, b) => a + b) / size
    return { mean, variance: elements.reduce((sum, e) => sum + (e - mean) ** 2, 0) / size, elements }
  }
  const u = await moments(uniform)
  assert.ok(Math.abs(u.mean - 0.5) < 0.01 && Math.abs(u.variance - 1 / 12) < 0.003)
  assert.ok(u.elements.every((e) => e >= 0 && e < 1))
  const n = await moments(normal)
  assert.ok(Math.abs(n.mean) < 0.03 && Math.abs(n.variance - 1) < 0.05)
  const d = await moments(dice)
  const counts = [1, 2, 3, 4, 5, 6].map((face) => d.elements.filter((e) => e === face).length)
  assert.equal(
    counts.reduce((a, b) => a + b),
    size,
  )
  for (const count of counts) assert.ok(Math.abs(count - size / 6) < 250, `${counts}`)
})

test('normal numbers of the host are those of tensors', async () => {
  const device = await randn([999], { generator: new Generator(8) }).data()
  assertClose(new Generator(8).normal(999), device, { absolute: 1e-6, relative: 1e-6 }, 'normal')
})

test('a permutation holds every number once, and another seed gives another', () => {
  const order = new Generator(1).permutation(1000)
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  )
  assert.notDeepEqual(new Generator(2).permutation(1000), order)
  assert.deepEqual(new Generator(1).permutation(1000), order)
})
