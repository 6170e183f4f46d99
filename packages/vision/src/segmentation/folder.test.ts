import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encode } from 'jpeg-js'
import { DataError } from '../errors.ts'
import { pngBytes } from '../testing/png.ts'
import { shared } from '../testing/shared.ts'
import { temporaryFolder } from '../testing/temporary.ts'
import { readFileSample } from './files.ts'
import { listSegmentationFolder } from './folder.ts'
import { pairNames } from './pairs.ts'

const grey = (width: number, height: number, value: (x: number, y: number) => number) =>
  pngBytes({
    width,
    height,
    depth: 8,
    colourType: 0,
    samples: Array.from({ length: width * height }, (_, index) => value(index % width, Math.floor(index / width))),
  })
const left = (x: number) => (x < 4 ? 255 : 0)

/** Three films of two patients, one of them JPEG. */
function writeFolder(folder: string): void {
  mkdirSync(join(folder, 'images'))
  mkdirSync(join(folder, 'masks'))
  writeFileSync(
    join(folder, 'images', 'a.png'),
    grey(8, 8, (x, y) => 16 * x + y),
  )
  writeFileSync(join(folder, 'masks', 'a.png'), grey(8, 8, left))
  writeFileSync(
    join(folder, 'images', 'b.png'),
    grey(16, 8, (x) => x),
  )
  writeFileSync(join(folder, 'masks', 'b_mask.png'), grey(16, 8, left))
  const data = Buffer.from(Array.from({ length: 4 * 64 }, (_, index) => (index % 4 === 3 ? 255 : index >> 1)))
  writeFileSync(join(folder, 'images', 'c.jpg'), encode({ width: 8, height: 8, data }, 95).data)
  writeFileSync(join(folder, 'masks', 'c.png'), grey(8, 8, left))
  writeFileSync(join(folder, 'images', '.DS_Store'), '')
  writeFileSync(join(folder, 'images', 'notes.txt'), '')
  writeFileSync(join(folder, 'manifest.csv'), '\ufeffName,age,Patient\nimages/a.png,3,"7, left"\nb,4,8\nc.jpg,5,8\n')
}

test('a folder of pictures, masks and patients is read', async (t) => {
  const folder = temporaryFolder(t)
  writeFolder(folder)
  const films = await listSegmentationFolder(folder)
  assert.deepEqual(
    films.map(({ name, patient }) => [name, patient]),
    [
      ['a', '7, left'],
      ['b', '8'],
      ['c', '8'],
    ],
  )
  assert.deepEqual(films[0].columns, { name: 'images/a.png', age: '3', patient: '7, left' })
  for (const film of films) {
    const { image, mask, name } = await readFileSample(film, { width: 8, height: 8 })
    assert.deepEqual([image.width, image.height, image.channels, mask.width, mask.height], [8, 8, 1, 8, 8])
    // b is twice as wide as high: half size, two empty rows above and below, its mask two pixels wide.
    assert.equal(mask.data.filter((value) => value === 1).length, name === 'b' ? 2 * 4 : 4 * 8)
    assert.ok(mask.data.every((value) => value === 0 || value === 1))
  }
  const a = await readFileSample(films[0], { width: 8, height: 8 })
  assert.ok(Math.abs(a.image.data[9] - 17 / 255) < 1e-6)
  rmSync(join(folder, 'manifest.csv'))
  assert.deepEqual(
    (await listSegmentationFolder(folder)).map(({ patient }) => patient),
    ['a', 'b', 'c'],
  )
})

test('pictures without mask and masks without picture are named', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `film${index}.png`)
  assert.throws(() => pairNames(['a.png', 'b.jpg'], ['a.png'], 'f'), /f: 1 without a mask: images\/b\.jpg; an image/)
  assert.throws(() => pairNames(['a.png'], ['a.png', 'z.png'], 'f'), /1 without an image: masks\/z\.png/)
  assert.throws(
    () => pairNames(names(12), ['y.png'], 'f'),
    /12 without a mask: images\/film0\.png, .*film9\.png and 2 more; 1 without an image/,
  )
  assert.throws(
    () => pairNames(['a.png', 'a.jpg'], ['a.png'], 'f'),
    /images\/a\.png and images\/a\.jpg are of one name/,
  )
  assert.throws(() => pairNames(['a.tif'], ['a.png'], 'f'), /neither PNG nor JPEG: a\.tif; convert/)
  assert.throws(() => pairNames([], [], 'f'), /images\/ holds no PNG or JPEG/)
  assert.deepEqual(pairNames(['a_mask.png'], ['a_mask.png'], 'f'), [
    { name: 'a_mask', image: 'a_mask.png', mask: 'a_mask.png' },
  ])
})

test('faults of folder, manifest and files are named', async (t) => {
  const folder = temporaryFolder(t)
  const rejects = (message: RegExp) =>
    assert.rejects(
      listSegmentationFolder(folder),
      (thrown) => thrown instanceof DataError && message.test(thrown.message),
    )
  await rejects(/has no folder images; it must hold images\/ and masks\//)
  writeFolder(folder)
  const manifest = (text: string) => writeFileSync(join(folder, 'manifest.csv'), text)
  manifest('name,patient\na,1\nb,2\n')
  await rejects(/manifest\.csv: has no row for 1 pictures in images\/: c/)
  manifest('name,patient\na,1\nb,2\nc,3\nd,4\n')
  await rejects(/names 1 pictures that are not in images\/: d/)
  manifest('name,patient\na,1\nb,\nc,3\n')
  await rejects(/row 2 \(b\) has no patient/)
  manifest('name,patient\na,1\na,2\nc,3\n')
  await rejects(/names a twice/)
  manifest('id,patient\na,1\n')
  await rejects(/has no column "name"; its columns are id, patient/)
  manifest('name,patient\na,1,2\n')
  await rejects(/cannot be read as CSV/)
  manifest('')
  await rejects(/has no rows/)
  rmSync(join(folder, 'manifest.csv'))
  const [a] = await listSegmentationFolder(folder)
  const size = { width: 8, height: 8 }
  writeFileSync(
    a.mask,
    grey(8, 8, (x) => 30 * x),
  )
  await assert.rejects(
    readFileSample(a, size),
    /a\.png: the mask is not binary: holds 8 values, 0, 30, .* of 255; give a mask threshold/,
  )
  assert.equal(
    (await readFileSample(a, { ...size, maskThreshold: 0.4 })).mask.data.filter((value) => value === 1).length,
    4 * 8,
  )
  writeFileSync(a.mask, grey(8, 4, left))
  await assert.rejects(readFileSample(a, size), /is 8×4, its image 8×8; the proportions/)
  writeFileSync(a.image, 'not a picture')
  await assert.rejects(readFileSample(a, size), /a\.png: is not a picture/)
})

const xray = shared('data', 'xray')
test('the 83 chest films are listed with their 48 patients', { skip: xray.skip }, async () => {
  const films = await listSegmentationFolder(xray.path)
  assert.equal(films.length, 83)
  assert.equal(new Set(films.map(({ patient }) => patient)).size, 48)
  const { image, mask } = await readFileSample(films[0], { width: 64, height: 64 })
  const share = mask.data.reduce((a, b) => a + b, 0) / mask.data.length
  assert.ok(Math.abs(share - 0.3622) < 0.01)
  assert.ok(image.data.every((value) => value >= 0 && value <= 1))
})
