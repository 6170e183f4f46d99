import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { io } from '@trainyard/core'
import { decodeImage, encodePng, generatePhantom, Unet } from '@trainyard/vision'
import { seeRun } from '../../tracker/src/testing/readRun.ts'
import { npyBytes } from '../../vision/src/testing/npy.ts'
import { type Outcome, trainyard } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-xray-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const cli = (words: string, env?: NodeJS.ProcessEnv) => trainyard(words.split(' '), scratch, env)

/** The smallest study that does everything. */
const tiny = 'study xray --size 32 --phantoms 24 --encoder plain --batch-size 4 --lr 0.003'

interface Told {
  trainings: { fold: number | null; run: string; checkpoints: string }[]
}
const told = (out: string): Told => JSON.parse(readFileSync(join(scratch, out, 'training.json'), 'utf8'))
const bestOf = (out: string) => join(out, told(out).trainings[0].checkpoints, 'best.safetensors')

async function refuses(words: string, pattern: RegExp, out?: string): Promise<void> {
  const { code, stdout, stderr }: Outcome = await cli(words)
  assert.deepEqual([code, stdout], [1, ''], `${words}\n${stderr}`)
  const lines = stderr.trimEnd().split('\n')
  assert.match(lines.at(-1)!, /^trainyard: /)
  assert.match(lines.at(-1)!, pattern)
  assert.ok(!stderr.includes('should not have happened'), stderr)
  if (out !== undefined) assert.ok(!existsSync(join(scratch, out)), `${out} was left behind`)
}

/** A folder of films as a user has them. */
function films(name: string, count: number, { first = 0, size = 40 } = {}): string {
  const folder = join(scratch, name)
  for (const part of ['images', 'masks']) mkdirSync(join(folder, part), { recursive: true })
  const rows = ['name,patient']
  for (let i = first; i < first + count; i++) {
    const { image, mask } = generatePhantom(i, { width: size, height: size })
    writeFileSync(join(folder, 'images', `film-${i}.png`), encodePng(image))
    writeFileSync(join(folder, 'masks', `film-${i}.png`), encodePng(mask))
    rows.push(`film-${i}.png,patient-${i >> 1}`)
  }
  writeFileSync(join(folder, 'manifest.csv'), rows.join('\n'))
  return folder
}

test('study xray --json prints one object, the same with one thread and two, and keeps everything', async () => {
  const words = `${tiny} --epochs 2 --json`
  const [first, second] = [await cli(`${words} --out one --threads 2`), await cli(`${words} --out two --threads 1`)]
  assert.equal(first.code, 0, first.stderr)
  const result = JSON.parse(first.stdout)
  const keys = 'study seed data parameters epochs history test peakMemoryBytes secondsPerStep seconds'
  assert.deepEqual(Object.keys(result), keys.split(' '))
  assert.deepEqual(Object.keys(result.data), ['source', 'train', 'validation', 'test'])
  assert.deepEqual(Object.keys(result.test), ['f1Mean', 'f1Std', 'f1Min', 'iouMean', 'accuracy', 'perImage'])
  assert.equal(result.test.perImage.length, result.data.test)
  assert.equal(result.history.length, 2)
  for (const value of [result.peakMemoryBytes, result.secondsPerStep, result.history[1]['validation/f1']])
    assert.ok(value > 0)
  const numbers = (text: string) =>
    JSON.stringify(JSON.parse(text), (key, value) => (/seconds|memory/i.test(key) ? undefined : value))
  assert.equal(numbers(second.stdout), numbers(first.stdout))

  const folder = join(scratch, 'one')
  assert.deepEqual(readdirSync(folder).sort(), ['figures', 'report.html', 'report.md', 'training.json'])
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  for (const word of ['Where it does worst', 'mean F1 of the test films', 'data:image/png'])
    assert.ok(page.includes(word))
  const [{ run }] = told('one').trainings
  const { series, records, fold } = seeRun(join(scratch, 'runs'), 'xray', run)
  for (const metric of ['batch/loss', 'batch/learningRate', 'batch/samplesPerSecond', 'train/loss'])
    assert.ok(series[metric]?.length > 0, metric)
  assert.deepEqual(
    series['validation/loss'].map(([, value]) => value),
    result.history.map((row: { [key: string]: number }) => row['validation/loss']),
  )
  assert.equal(series['test/f1'].at(-1)![1], result.test.f1Mean)
  assert.equal(fold.finish?.state, 'finished')
  assert.ok(JSON.stringify(records).includes('validation/films'))
})

test('predict marks films of any size, in their own size', async () => {
  const input = join(scratch, 'strange')
  mkdirSync(input)
  const { image } = generatePhantom(3, { width: 75, height: 51 })
  writeFileSync(join(input, 'odd.png'), encodePng(image))
  writeFileSync(join(input, 'even.png'), encodePng(generatePhantom(4, { width: 32, height: 32 }).image))
  const best = bestOf('one')
  const { code, stdout, stderr } = await cli(
    `predict --checkpoint ${best} --input strange --out marked --size 50 --json`,
  )
  assert.equal(code, 0, stderr)
  assert.match(stderr, /brought to 50 × 50 for the network, padded to 64 × 64 \(a multiple of 32\)/)
  const [even, odd] = JSON.parse(stdout).films
  assert.deepEqual([even.file, odd.file, odd.width, odd.height], ['strange/even.png', 'strange/odd.png', 75, 51])
  for (const kind of ['mask', 'probability', 'overlay'] as const) {
    const picture = decodeImage(readFileSync(join(scratch, odd[kind])), kind)
    assert.deepEqual([picture.width, picture.height, picture.channels], [75, 51, kind === 'overlay' ? 3 : 1])
  }
  const mask = decodeImage(readFileSync(join(scratch, odd.mask)), 'mask')
  const probability = decodeImage(readFileSync(join(scratch, odd.probability)), 'probability')
  mask.data.forEach((value, at) => {
    assert.equal(value, probability.data[at] >= 0.5 ? 1 : 0)
  })
  assert.equal(readdirSync(join(scratch, 'marked')).length, 6)
})

test('predict refuses what it cannot use, and writes nothing', async () => {
  const best = bestOf('one')
  const bytes = readFileSync(join(scratch, best))
  writeFileSync(join(scratch, 'torn.safetensors'), bytes.subarray(0, bytes.length >> 1))
  mkdirSync(join(scratch, 'mixed'))
  writeFileSync(join(scratch, 'mixed', 'a.png'), encodePng(generatePhantom(1, { width: 32, height: 32 }).image))
  writeFileSync(join(scratch, 'mixed', 'b.png'), 'no picture')
  mkdirSync(join(scratch, 'nothing'))
  await Promise.all([
    refuses('predict --checkpoint torn.safetensors --input strange --out p1', /torn\.safetensors: .*cut short/, 'p1'),
    refuses(`predict --checkpoint ${best} --input mixed --out p2`, /mixed\/b\.png: is not a picture/, 'p2'),
    refuses(`predict --checkpoint ${best} --input nothing --out p3`, /nothing: holds no PNG or JPEG/, 'p3'),
    refuses(`predict --checkpoint gone --input strange --out p4`, /gone: cannot be read/, 'p4'),
  ])
})

test('a size that is no multiple of 32 is padded and cut back, and said; patients stay together', async () => {
  const folder = films('odd', 20)
  const { code, stdout, stderr } = await cli(
    `study xray --data ${folder} --size 40 --encoder plain --epochs 1 --batch-size 8 --json --out odd-out`,
  )
  assert.equal(code, 0, stderr)
  assert.match(stderr, /40 is no multiple of 32: films are padded to 64 × 64/)
  const { test: scores } = JSON.parse(stdout)
  const patients = scores.perImage.map(({ patient }: { patient: string }) => patient)
  // Two films a patient: they are all in the test set or none is.
  for (const patient of patients) assert.equal(patients.filter((other: string) => other === patient).length, 2)
})

test('k-fold: every film is tested once, by a network that has not seen it', async () => {
  const { code, stdout, stderr } = await cli(`${tiny} --phantoms 12 --epochs 1 --folds 3 --json --out folds`)
  assert.equal(code, 0, stderr)
  const { folds, test: scores, data } = JSON.parse(stdout)
  assert.deepEqual(
    folds.map(({ fold, train, validation, test }: { [key: string]: number }) => [fold, train, validation, test]),
    [1, 2, 3].map((fold) => [fold, 4, 4, 4]),
  )
  assert.equal(new Set(scores.perImage.map(({ name }: { name: string }) => name)).size, 12)
  assert.deepEqual([data.train, data.validation, data.test], [4, 4, 4])
  assert.equal(new Set(told('folds').trainings.map(({ checkpoints }) => checkpoints)).size, 3)
  assert.match(readFileSync(join(scratch, 'folds', 'report.md'), 'utf8'), /All films, each tested once/)
  const one = await cli(`${tiny} --phantoms 12 --epochs 1 --folds 3 --fold 1 --json --out fold-1`)
  assert.equal(one.code, 0, one.stderr)
  assert.equal(JSON.parse(one.stdout).test.f1Mean, folds[1].f1Mean)
})

test('films from elsewhere are only tested upon, and reported apart; also after the training', async () => {
  const here = films('here', 20)
  const elsewhere = films('elsewhere', 4, { first: 20 })
  const words = `study xray --data ${here} --size 32 --encoder plain --batch-size 8 --json`
  const plain = await cli(`${words} --epochs 1 --out plain`)
  assert.equal(plain.code, 0, plain.stderr)
  assert.ok(!('external' in JSON.parse(plain.stdout)))
  const both = await cli(`${words} --epochs 1 --external ${elsewhere} --out external`)
  assert.equal(both.code, 0, both.stderr)
  assert.match(both.stderr, /20 films from the folder here: .*; 4 kept apart, from the folder elsewhere/)
  const { external, test: scores } = JSON.parse(both.stdout)
  assert.deepEqual(Object.keys(external), ['source', ...Object.keys(scores)])
  assert.deepEqual(
    external.perImage.map(({ name }: { name: string }) => name),
    ['film-20', 'film-21', 'film-22', 'film-23'],
  )
  assert.deepEqual(scores, JSON.parse(plain.stdout).test)
  const later = await cli(`study xray --resume --external ${elsewhere} --out plain --json`)
  assert.equal(later.code, 0, later.stderr)
  assert.deepEqual(JSON.parse(later.stdout).external, external)
  const report = readFileSync(join(scratch, 'external', 'report.md'), 'utf8')
  assert.match(report, /## Films from elsewhere/)
  assert.match(report, /\(n = 4\)/)

  // The same films in one folder, told apart by a column.
  cpSync(elsewhere, here, { recursive: true })
  const rows = Array.from({ length: 24 }, (_, i) => `film-${i}.png,patient-${i >> 1},${i < 20 ? 'here' : 'there'}`)
  writeFileSync(join(here, 'manifest.csv'), ['name,patient,hospital', ...rows].join('\n'))
  const held = await trainyard(
    [...words.split(' '), '--epochs', '1', '--hold-out', 'hospital!=here', '--out', 'held'],
    scratch,
  )
  assert.equal(held.code, 0, held.stderr)
  assert.deepEqual(JSON.parse(held.stdout).external.perImage, external.perImage)
  assert.deepEqual(JSON.parse(held.stdout).test, scores)
  await refuses(
    `study xray --data ${here} --external ${elsewhere} --size 32 --out same`,
    /--external .*elsewhere: 4 of its films are among those of .*here, too: film-20, film-21/,
    'same',
  )
})

test('films that cannot be used are named, and nothing is left behind', async () => {
  const copy = (name: string) => {
    const folder = join(scratch, name)
    cpSync(join(scratch, 'odd'), folder, { recursive: true })
    return folder
  }
  const unmasked = copy('unmasked')
  rmSync(join(unmasked, 'masks', 'film-3.png'))
  rmSync(join(unmasked, 'images', 'film-5.png'))
  const grey = copy('grey')
  const { image } = generatePhantom(1, { width: 40, height: 40 })
  writeFileSync(join(grey, 'masks', 'film-2.png'), encodePng(image))
  const broken = copy('broken')
  writeFileSync(
    join(broken, 'images', 'film-7.png'),
    readFileSync(join(broken, 'images', 'film-7.png')).subarray(0, 200),
  )
  const few = films('few', 3)
  writeFileSync(join(scratch, 'no.npz'), npyBytes([2], [1, 2]))
  await Promise.all([
    refuses(
      `study xray --data ${unmasked} --out bad0`,
      /1 without a mask: images\/film-3\.png; 1 without an image: masks\/film-5\.png/,
      'bad0',
    ),
    refuses(`study xray --data ${grey} --size 32 --out bad1`, /film-2\.png: the mask is not binary/, 'bad1'),
    refuses(`study xray --data ${broken} --size 32 --out bad2`, /film-7\.png: cannot be read as PNG/, 'bad2'),
    refuses(`study xray --data ${few} --size 32 --out bad3`, /the \w+ split would be empty/, 'bad3'),
    refuses('study xray --data no.npz --out bad4', /no\.npz: is not a \.npz file/, 'bad4'),
    refuses('study xray --data nowhere --out bad5', /nowhere: there is no such file or folder; --data takes/, 'bad5'),
  ])
  writeFileSync(join(scratch, 'b0.safetensors'), await io.writeSafetensors(new Unet().stateDict()))
  await Promise.all([
    refuses(`${tiny} --loss magic --out bad6`, /no loss "magic"; there are bce, dice/, 'bad6'),
    refuses(`${tiny} --weights gone.safetensors --out bad7`, /gone\.safetensors/, 'bad7'),
    refuses(
      'study xray --size 32 --phantoms 24 --encoder efficientnet-b1 --weights b0.safetensors --out bad8',
      /b0\.safetensors: weights: these are not of .*efficientnet-b1.*; \d+ entries do not fit \(\d+ given, \d+ needed\): (.* is missing; ){9}.* is missing; …$/,
      'bad8',
    ),
    refuses(`${tiny} --resume --out bad9`, /bad9: there is no training to be continued here/, 'bad9'),
    refuses(`study xray --resume --out one --lr 0.5`, /learningRate was 0\.003, not 0\.5/),
    refuses(`${tiny} --folds 40 --phantoms 12 --out bad10`, /40 folds need at least 40 patients/, 'bad10'),
  ])
})
