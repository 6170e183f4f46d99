import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { arange, data, manualSeed, type Tensor, tensor, zeros } from '../index.ts'

/** Samples that say their own number, after a while. */
class Numbers extends data.Dataset<number> {
  readonly length: number
  readonly asked: number[] = []

  constructor(length: number) {
    super()
    this.length = length
  }

  async get(index: number): Promise<number> {
    this.asked.push(index)
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % 3))
    if (index === 13) throw new Error('is unlucky')
    return index
  }
}

async function all(loader: AsyncIterable<Tensor>, most = Number.POSITIVE_INFINITY): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of loader) if (batches.push([...(await batch.data())]) >= most) break
  return batches
}

describe('DataLoader', () => {
  test('gives every sample once an epoch, in batches, in order or shuffled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 1, max: 12 }),
          batchSize: fc.integer({ min: 1, max: 6 }),
          shuffle: fc.boolean(),
          dropLast: fc.boolean(),
          prefetch: fc.nat(3),
          seed: fc.nat(1000),
        }),
        async ({ size, ...options }) => {
          const loader = new Numbers(size).loader(options)
          for (let epoch = 0; epoch < 2; epoch++) {
            const order = [...loader.order()]
            const batches = await all(loader)
            assert.equal(batches.length, loader.length)
            const kept = options.dropLast ? loader.length * options.batchSize : size
            assert.deepEqual(batches.flat(), order.slice(0, kept))
            assert.deepEqual(
              order.sort((a, b) => a - b),
              [...Array(size).keys()],
            )
            assert.ok(batches.slice(0, -1).every((batch) => batch.length === options.batchSize))
          }
        },
      ),
      { numRuns: 30 },
    )
  })
  test('one seed gives one order an epoch; the default seed comes from manualSeed', async () => {
    const orders = (options: object) => {
      const loader = new Numbers(8).loader({ shuffle: true, ...options })
      return [0, 1].map((epoch) => [...loader.order(epoch)])
    }
    const [first, second] = orders({ seed: 5 })
    assert.notDeepEqual(first, second)
    assert.deepEqual(orders({ seed: 5 }), [first, second])
    assert.notDeepEqual(orders({ seed: 6 })[0], first)
    manualSeed(1)
    const drawn = orders({})
    assert.notDeepEqual(orders({}), drawn)
    manualSeed(1)
    assert.deepEqual(orders({}), drawn)
  })
  test('continues in the middle of an epoch where its state was taken', async () => {
    const options = { batchSize: 2, shuffle: true, seed: 3 }
    const whole = new Numbers(9).loader(options)
    const first = await all(whole)
    const second = await all(whole)
    const broken = new Numbers(9).loader(options)
    await all(broken)
    const begun = await all(broken, 2)
    const state = JSON.parse(JSON.stringify(broken.stateDict()))
    assert.deepEqual(state, { seed: 3, epoch: 1, batch: 2 })
    const resumed = new Numbers(9).loader({ ...options, seed: 77 })
    resumed.loadStateDict(state)
    assert.deepEqual([...begun, ...(await all(resumed))], second)
    assert.deepEqual(await all(resumed), await all(whole), 'and goes on with the next epoch')
    assert.notDeepEqual(await all(broken), first)
    assert.throws(() => resumed.loadStateDict({ seed: 1, epoch: 0, batch: 6 }), /batch 6, an epoch has 5 here/)
    assert.throws(() => resumed.loadStateDict({ seed: 1, epoch: -1, batch: 0 }), /whole numbers of at least 0/)
  })
  test('prepares as many batches ahead as it is told', async () => {
    const set = new Numbers(10)
    for await (const batch of set.loader({ batchSize: 2, prefetch: 1 })) {
      assert.deepEqual([...(await batch.data())], [0, 1])
      assert.deepEqual(set.asked, [0, 1, 2, 3])
      break
    }
  })
  test('a sample that fails is named, and one prepared too early ends nothing', async () => {
    const loader = new Numbers(16).loader({ batchSize: 4, prefetch: 4 })
    await assert.rejects(all(loader), /sample 13: is unlucky/)
    assert.deepEqual(await all(loader, 1), [[0, 1, 2, 3]])
  })
  test('options are checked', () => {
    const set = new Numbers(3)
    assert.throws(() => set.loader({ batchSize: 0 }), /batchSize must be an integer of at least 1, got 0/)
    assert.throws(() => set.loader({ prefetch: 1.5 }), /prefetch must be an integer/)
    assert.throws(() => set.loader({ seed: -1 }), /seed must be an integer/)
  })
})

describe('TensorDataset', () => {
  const images = arange(24).reshape([4, 2, 3])
  const labels = tensor([0, 1, 2, 3], { dtype: 'int32' })
  test('copies rows into batches of the same types', async () => {
    const set = new data.TensorDataset(images.cast('float32'), labels)
    const [x, y] = await set.batch(Int32Array.of(2, 0))
    assert.deepEqual([x.shape, x.dtype, y.dtype], [[2, 2, 3], 'float32', 'int32'])
    assert.deepEqual(await x.slice(0).toArray(), [[12, 13, 14], [15, 16, 17]]) // biome-ignore format: one row
    assert.deepEqual(await y.toArray(), [2, 0])
    const [row, label] = await set.get(3)
    assert.deepEqual([row.shape, label.shape], [[2, 3], []])
    await assert.rejects(set.get(4), /no sample 4 among 4/)
    for await (const [xs, ys] of set.loader({ batchSize: 3 })) assert.equal(xs.shape[0], ys.shape[0])
  })
  test('refuses tensors of different lengths', () => {
    assert.throws(() => new data.TensorDataset(images, zeros([3])), /\[4, 2, 3\] and \[3\] must have one first size/)
    assert.throws(() => new data.TensorDataset(), /at least one tensor/)
    assert.throws(() => new data.TensorDataset(tensor(1)), /must have one first size/)
  })
})

describe('views', () => {
  const set = new data.TensorDataset(arange(10))
  const values = async (part: data.Dataset<readonly Tensor[]>) => {
    const found: number[] = []
    for await (const [x] of part.loader({ batchSize: 3 })) found.push(...(await x.data()))
    return found
  }
  test('subsets, whole batches at once where the data set can', async () => {
    const subset = new data.Subset(set, [7, 1, 1])
    assert.deepEqual(await values(subset), [7, 1, 1])
    assert.deepEqual(await values(new data.Subset(subset, [2, 0])), [1, 7])
    assert.throws(() => new data.Subset(set, [10]), /Subset: there is no sample 10 among 10/)
  })
  test('random splits share nothing out twice and follow the seed', async () => {
    const split = (seed?: number) => data.randomSplit(set, [0.55, 0.45], { seed })
    const [a, b] = await Promise.all(split(1).map(values))
    assert.deepEqual([a.length, b.length], [6, 4])
    assert.deepEqual(
      [...a, ...b].sort((x, y) => x - y),
      await values(set),
    )
    assert.deepEqual(await values(split(1)[0]), a)
    assert.notDeepEqual(await values(split(2)[0]), a)
    assert.deepEqual(
      data.randomSplit(set, [3, 7]).map(({ length }) => length),
      [3, 7],
    )
    assert.throws(() => data.randomSplit(set, [3, 8]), /lengths that add up to 10, or shares that add up to 1/)
    assert.throws(() => data.randomSplit(set, [1.5, -0.5]), /got \[1.5, -0.5\]/)
  })
  test('concatenated and mapped', async () => {
    const both = new data.ConcatDataset([new data.Subset(set, [1]), new data.Subset(set, [5, 2])])
    const doubled = new data.MappedDataset(both, ([x], i) => [x.mul(2), i] as const)
    const seen: number[][] = []
    for await (const [x, i] of doubled.loader({ batchSize: 3 })) seen.push([...(await x.data())], [...(await i.data())])
    assert.deepEqual(seen, [
      [2, 10, 4],
      [0, 1, 2],
    ])
  })
})

describe('collate', () => {
  test('keeps the form and gives types that do not depend on the values', async () => {
    const made = data.collate([
      { image: Float32Array.of(1, 2), label: 0, flags: [true, Uint8Array.of(1)] },
      { image: Float32Array.of(3, 4), label: 1, flags: [false, Uint8Array.of(2)] },
    ]) as { image: Tensor; label: Tensor; flags: Tensor[] }
    assert.deepEqual(await made.image.toArray(), [[1, 2], [3, 4]]) // biome-ignore format: one row
    assert.deepEqual([made.label.dtype, made.label.shape], ['float32', [2]])
    assert.deepEqual(await made.flags[0].toArray(), [true, false])
    assert.deepEqual([made.flags[1].dtype, made.flags[1].shape], ['int32', [2, 1]])
  })
  test('says what cannot be put together', () => {
    assert.throws(() => data.collate(['a']), /samples of type string; give the loader a collate function/)
    assert.throws(() => data.collate([Float32Array.of(1), Float32Array.of(1, 2)]), /samples of 1 and 2 numbers/)
    assert.throws(() => data.collate([[1], [1, 2]]), /samples of 1 and 2 fields/)
    assert.throws(() => data.collate([zeros([1]), zeros([2])]), /stack: shapes \[1\] and \[2\] differ/)
  })
  test("a function of one's own takes its place", async () => {
    const loader = new Numbers(4).loader<string>({ batchSize: 2, collate: (samples) => samples.join('+') })
    const found: string[] = []
    for await (const batch of loader) found.push(batch)
    assert.deepEqual(found, ['0+1', '2+3'])
  })
})

test('transforms', () => {
  const { compose, normalize, toUnit } = data.transforms
  assert.deepEqual(compose(toUnit(), normalize(0.5, 0.5))(Uint8Array.of(0, 255)), Float32Array.of(-1, 1))
  assert.deepEqual(normalize([0, 1], [1, 2])(Float32Array.of(1, 2, 3, 5)), Float32Array.of(1, 2, 1, 2))
  assert.throws(() => normalize(0, 0), /deviations above 0/)
  assert.throws(() => normalize([0, 1], [1, 1])(Float32Array.of(1)), /1 numbers do not have 2 channels/)
})
