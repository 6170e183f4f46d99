import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { idxBytes, pixels, writeIdxFolder } from '../testing/idx.ts'
import { temporaryFolder } from '../testing/temporary.ts'
import { readIdxFolder } from './folder.ts'

const layouts = {
  raw: {},
  gzip: { gz: true },
  'dots before idx': { dot: true },
  'a prefix, as EMNIST has it': { prefix: 'emnist-letters-', gz: true },
}
for (const [name, options] of Object.entries(layouts))
  test(`a folder is read: ${name}`, async (t) => {
    const folder = temporaryFolder(t)
    writeIdxFolder(folder, options)
    const { train, test } = await readIdxFolder(folder)
    assert.deepEqual([train.count, train.height, train.width], [6, 5, 4])
    assert.deepEqual(train.images, pixels(6, 5, 4))
    assert.deepEqual([...train.labels], [0, 1, 2, 0, 1, 2])
    assert.deepEqual(test.images, pixels(4, 5, 4, 3))
    assert.deepEqual([...test.labels], [2, 1, 0, 2])
  })

test('the layout that torchvision leaves is found from above', async (t) => {
  const folder = temporaryFolder(t)
  writeIdxFolder(join(folder, 'FashionMNIST', 'raw'))
  assert.equal((await readIdxFolder(folder)).train.count, 6)
  assert.equal((await readIdxFolder(join(folder, 'FashionMNIST'))).train.count, 6)
  writeIdxFolder(join(folder, 'MNIST', 'raw'))
  await assert.rejects(readIdxFolder(folder), /several data sets below it/)
})

test('a raw file is taken before its compressed twin, and .gz without compression is read all the same', async (t) => {
  const folder = temporaryFolder(t)
  writeIdxFolder(folder)
  writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(idxBytes([6], [9, 9, 9, 9, 9, 9])))
  assert.deepEqual([...(await readIdxFolder(folder)).train.labels], [0, 1, 2, 0, 1, 2])
  rmSync(join(folder, 'train-labels-idx1-ubyte'))
  writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), idxBytes([6], [1, 1, 1, 1, 1, 1]))
  assert.deepEqual([...(await readIdxFolder(folder)).train.labels], [1, 1, 1, 1, 1, 1])
})

test('what is wrong with a folder is said in one line', async (t) => {
  const folder = temporaryFolder(t)
  await assert.rejects(
    readIdxFolder(join(folder, 'nowhere')),
    /nowhere: no such folder; give the one that holds train-images/,
  )
  await assert.rejects(
    readIdxFolder(folder),
    /train-images-idx3-ubyte, .*t10k-labels-idx1-ubyte missing .*the folder holds no files/,
  )
  writeIdxFolder(folder)
  rmSync(join(folder, 't10k-labels-idx1-ubyte'))
  await assert.rejects(readIdxFolder(folder), /: t10k-labels-idx1-ubyte missing/)
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), idxBytes([3], [1, 1, 1]))
  await assert.rejects(readIdxFolder(folder), /t10k-labels-idx1-ubyte: 3 labels for 4 images in .*t10k-images/)
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte.gz'), 'x')
  writeFileSync(join(folder, 'other-test-labels-idx1-ubyte'), 'x')
  await assert.rejects(readIdxFolder(folder), /several files could be the test labels: /)
})

test('swapped and mislabelled files are told', async (t) => {
  const folder = temporaryFolder(t)
  writeIdxFolder(folder)
  const at = (name: string) => join(folder, name)
  const images = readFileSync(at('train-images-idx3-ubyte'))
  writeFileSync(at('train-images-idx3-ubyte'), readFileSync(at('train-labels-idx1-ubyte')))
  await assert.rejects(readIdxFolder(folder), /train-images-idx3-ubyte: holds \[6\] uint8, images .* were expected$/)
  writeFileSync(at('train-labels-idx1-ubyte'), images)
  await assert.rejects(readIdxFolder(folder), /the two files seem to be swapped/)
})

test('a damaged or hostile gzip file is refused', async (t) => {
  const folder = temporaryFolder(t)
  writeIdxFolder(folder, { gz: true })
  const file = join(folder, 'train-images-idx3-ubyte.gz')
  const good = readFileSync(file)
  writeFileSync(file, good.subarray(0, good.length - 20))
  await assert.rejects(readIdxFolder(folder), /train-images-idx3-ubyte.gz: the gzip stream is damaged or cut short/)
  const flipped = Buffer.from(good)
  flipped[flipped.length - 6] ^= 1
  writeFileSync(file, flipped)
  await assert.rejects(readIdxFolder(folder), /the gzip stream is damaged/)
  writeFileSync(file, gzipSync(Buffer.concat([idxBytes([6, 5, 4], pixels(6, 5, 4)), Buffer.alloc(50_000_000)])))
  await assert.rejects(readIdxFolder(folder), /expands to more than the 136 bytes that its header declares/)
  writeFileSync(file, gzipSync(idxBytes([60_000, 1000, 50], [1, 2, 3, 4])))
  await assert.rejects(readIdxFolder(folder), /declares 3000000016 bytes, more than \d+ compressed bytes can hold/)
})
