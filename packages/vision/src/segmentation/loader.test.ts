import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { affine, elastic, flip, noise, tone } from '../augment/augmentation.ts'
import { DataError } from '../errors.ts'
import { generatePhantom } from '../phantom/phantom.ts'
import { encodePng } from '../render/encode.ts'
import { maskPng } from '../render/pictures.ts'
import { temporaryFolder } from '../testing/temporary.ts'
import { listSegmentationFolder } from './folder.ts'
import { intoMemory, SampleLoader } from './loader.ts'
import type { Sample } from './sample.ts'
import { SegmentationSet } from './set.ts'

const phantoms = new SegmentationSet({ kind: 'phantoms', count: 9, width: 32, height: 32, seed: 5 })
const augmentations = [flip(), affine(), elastic(), tone(), noise()]

async function collect(samples: AsyncIterable<Sample>): Promise<Sample[]> {
  const all: Sample[] = []
  for await (const sample of samples) all.push(sample)
  return all
}

test('any number of workers gives the same samples in the same order', async () => {
  const runs: Sample[][] = []
  for (const workers of [0, 1, 3]) {
    const loader = new SampleLoader(phantoms, { augmentations, seed: 7, workers, ahead: 4 })
    runs.push(await collect(loader.epoch(2, { shuffle: true })))
    await loader.close()
  }
  assert.deepEqual(runs[1], runs[0])
  assert.deepEqual(runs[2], runs[0])
  assert.equal(runs[0].length, 9)
  assert.notDeepEqual(
    runs[0].map(({ name }) => name),
    phantoms.infos().map(({ name }) => name),
  )
})

test('epochs differ in order and augmentation, subsets keep to their samples', async () => {
  const some = phantoms.subset([4, 2, 8])
  const loader = new SampleLoader(some, { augmentations, workers: 0 })
  const first = await collect(loader.epoch(0))
  const second = await collect(loader.epoch(1))
  assert.deepEqual(
    first.map(({ name }) => name),
    ['phantom-4', 'phantom-2', 'phantom-8'],
  )
  assert.notDeepEqual(first[0].image.data, second[0].image.data)
  assert.throws(() => some.subset([3]), /no sample 3; there are 3/)
})

test('a folder read into memory gives the same as read from its files', async (t) => {
  const folder = temporaryFolder(t)
  for (const part of ['images', 'masks']) mkdirSync(join(folder, part))
  for (let index = 0; index < 4; index++) {
    const { image, mask } = generatePhantom(index, { width: 40, height: 40 })
    writeFileSync(join(folder, 'images', `${index}.png`), encodePng(image))
    writeFileSync(join(folder, 'masks', `${index}.png`), maskPng(mask))
  }
  const options = { width: 32, height: 32 }
  const files = new SegmentationSet({ kind: 'files', samples: await listSegmentationFolder(folder), options })
  const progress: number[] = []
  const memory = await intoMemory(files.subset([3, 1, 0]), { workers: 2, onProgress: (done) => progress.push(done) })
  assert.equal(memory.source.kind, 'arrays')
  assert.deepEqual(progress, [1, 2, 3])
  const read = async (set: SegmentationSet, workers: number) => {
    const loader = new SampleLoader(set, { augmentations, seed: 3, workers })
    try {
      return await collect(loader.epoch(1, { shuffle: true }))
    } finally {
      await loader.close()
    }
  }
  assert.deepEqual(await read(memory, 2), await read(files.subset([3, 1, 0]), 1))
  assert.equal(await intoMemory(files, { maxBytes: 100 }), files)
})

test('an unreadable file is named in its place, from whichever thread', async (t) => {
  const folder = temporaryFolder(t)
  for (const part of ['images', 'masks']) mkdirSync(join(folder, part))
  for (const name of ['a', 'b', 'c']) {
    const { image, mask } = generatePhantom(1, { width: 32, height: 32 })
    writeFileSync(join(folder, 'images', `${name}.png`), name === 'b' ? 'broken' : encodePng(image))
    writeFileSync(join(folder, 'masks', `${name}.png`), maskPng(mask))
  }
  const files = new SegmentationSet({
    kind: 'files',
    samples: await listSegmentationFolder(folder),
    options: { width: 32, height: 32 },
  })
  for (const workers of [0, 2]) {
    const loader = new SampleLoader(files, { workers })
    const got: string[] = []
    await assert.rejects(
      async () => {
        for await (const { name } of loader.epoch(0)) got.push(name)
      },
      (thrown) =>
        thrown instanceof DataError &&
        thrown.file === join(folder, 'images', 'b.png') &&
        /b\.png: is not a picture/.test(thrown.message),
    )
    assert.deepEqual(got, ['a'])
    await loader.close()
  }
  await assert.rejects(intoMemory(files, { workers: 1 }), /b\.png: is not a picture/)
})
