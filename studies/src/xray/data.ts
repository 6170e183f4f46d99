import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  type ArraySamples,
  createArraySamples,
  DataError,
  type FileSample,
  intoMemory,
  kFoldByPatient,
  listSegmentationFolder,
  readSegmentationNpz,
  SegmentationSet,
  type Split,
  splitByPatient,
} from '@trainyard/vision'
import { deriveSeed } from '../study/deriveSeed.ts'
import { holdOut } from './holdOut.ts'
import type { XraySettings } from './settings.ts'

/** One division of the films. */
export type Parts = Record<keyof Split, SegmentationSet>

/** Films that are only tested upon: from elsewhere, so that they show what a network is worth there. */
export interface ExternalFilms {
  /** In words: where they come from. */
  readonly source: string
  readonly films: SegmentationSet
}

/** The films of a study, read into memory, and how they are divided. */
export interface XrayData {
  /** In words: where they come from. */
  readonly source: string
  /** Without external ones. */
  readonly films: SegmentationSet
  /** One division, or as many as there are folds. */
  readonly divisions: readonly Parts[]
  readonly external: ExternalFilms | null
  /** Tells other films, or other divisions, from these. */
  readonly fingerprint: string
}

/**
 * Reads the films and divides them, all films of a patient on the same side.
 *
 * @param onProgress Called after each film that was read.
 * @throws `DataError` naming the file or folder and what is wrong with it.
 */
export async function loadFilms(
  settings: XraySettings,
  seed: number,
  onProgress: (done: number, total: number) => void,
): Promise<XrayData> {
  const read = await readFilms(settings.data, settings, onProgress)
  const { source, split } = read
  const { films, external } = await apart(read, settings, onProgress)
  const divisions = divide(films, settings, seed, split).map((division) => films.split(division))
  for (const { train } of divisions) await refuseEmptyMasks(train, settings.data)
  return { source, films, divisions, external, fingerprint: fingerprintOf(films, divisions) }
}

interface Films {
  readonly films: SegmentationSet
  readonly source: string
  /** Where the data bring their own. */
  readonly split?: Split
  /** Where they are files. */
  readonly samples?: readonly FileSample[]
}

/** Keeps films apart that are only tested upon: some of those that were read, or others. */
async function apart(
  read: Films,
  settings: XraySettings,
  onProgress: (done: number, total: number) => void,
): Promise<{ films: SegmentationSet; external: ExternalFilms | null }> {
  const { films, samples } = read
  const { data } = settings
  if (settings.holdOut !== null) {
    if (!samples) throw new DataError(`--hold-out: ${data} has no manifest.csv; films can be kept apart so in a folder`)
    const { kept, held } = holdOut(samples, settings.holdOut, data)
    const source = `${read.source}, where \`${settings.holdOut}\``
    return { films: films.subset(kept), external: { source, films: films.subset(held) } }
  }
  if (settings.external === null) return { films, external: null }
  const external = await readFilms(settings.external, settings, onProgress, ['test'])
  const both = await sameFilms(films, external.films)
  if (both.length > 0)
    throw new DataError(
      `--external ${settings.external}: ${both.length === 1 ? 'one of its films is' : `${both.length} of its films are`} among those of ${data}, too: ${both.slice(0, 10).join(', ')}; a film that was trained on tests nothing, take it out of one of them`,
    )
  return { films, external }
}

/** Masks that mark nothing teach a network to mark nothing. */
async function refuseEmptyMasks(train: SegmentationSet, data: string): Promise<void> {
  for (let place = 0; place < train.length; place++) if ((await train.read(place)).mask.data.includes(1)) return
  throw new DataError(
    `${data}: the masks of all ${train.length} training films are empty, so there is nothing to learn; are these the right masks?`,
  )
}

/** The names of films whose pixels are those of one of others. */
async function sameFilms(others: SegmentationSet, films: SegmentationSet): Promise<string[]> {
  const pixelsOf = async (set: SegmentationSet, place: number) => {
    const { data } = (await set.read(place)).image
    return createHash('sha256').update(data).digest('hex')
  }
  const known = new Set<string>()
  for (let place = 0; place < others.length; place++) known.add(await pixelsOf(others, place))
  const same: string[] = []
  for (let place = 0; place < films.length; place++)
    if (known.has(await pixelsOf(films, place))) same.push(films.info(place).name)
  return same
}

async function readFilms(
  data: string,
  { phantoms, size, contrast, maskThreshold }: XraySettings,
  onProgress: (done: number, total: number) => void,
  parts: readonly (keyof Split)[] = ['train', 'validation', 'test'],
): Promise<Films> {
  const shape = { width: size, height: size }
  if (data.toLowerCase() === 'phantom') {
    // Which phantoms there are does not depend on the seed: studies with several seeds see the same films.
    const set = new SegmentationSet({ kind: 'phantoms', count: phantoms, seed: 0, ...shape })
    return { films: await intoMemory(set, { onProgress }), source: `${phantoms} phantoms, drawn by Trainyard` }
  }
  const options = { ...shape, contrast, ...(maskThreshold === null ? {} : { maskThreshold }) }
  if ((await kindOf(data)) === 'file') {
    if (!/\.npz$/i.test(data))
      throw new DataError(`${data}: is neither a folder nor a .npz file; give a folder with images/ and masks/`)
    const read = readSegmentationNpz(await readFile(data), data, { ...options, parts })
    return { ...together(parts.map((part) => [part, read[part]])), source: basename(data) }
  }
  const samples = await listSegmentationFolder(data)
  const set = new SegmentationSet({ kind: 'files', samples, options })
  return { films: await intoMemory(set, { onProgress }), source: `the folder ${basename(data)}`, samples }
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file or folder' : message
    throw new DataError(`${path}: ${why}; --data takes phantom, a folder with images/ and masks/, or a .npz file`)
  }
}

/** The parts of a file as one set, and where each of them lies in it. */
function together(parts: readonly [keyof Split, ArraySamples][]): { films: SegmentationSet; split: Split } {
  const { width, height, channels } = parts[0][1]
  const all = createArraySamples(
    parts.flatMap(([, { infos }]) => infos),
    width,
    height,
    channels,
  )
  const split: Split = { train: [], validation: [], test: [] }
  let at = 0
  for (const [name, { infos, images, masks }] of parts) {
    all.images.set(images, at * width * height * channels)
    all.masks.set(masks, at * width * height)
    split[name] = infos.map((_, i) => at + i)
    at += infos.length
  }
  return { films: new SegmentationSet({ kind: 'arrays', samples: all }), split }
}

function divide(films: SegmentationSet, { folds, fold }: XraySettings, seed: number, split?: Split): Split[] {
  const ofSplit = deriveSeed(seed, 'xray', 'split')
  if (folds !== null) {
    const all = kFoldByPatient(films.infos(), folds, ofSplit)
    return fold === null ? all : [all[fold]]
  }
  return [split ?? splitByPatient(films.infos(), undefined, ofSplit)]
}

function fingerprintOf({ source }: SegmentationSet, divisions: readonly Parts[]): string {
  const names = divisions.map(({ train, validation, test }) =>
    [train, validation, test].map((part) => part.infos().map(({ name }) => name)),
  )
  const hash = createHash('sha256').update(JSON.stringify(names))
  if (source.kind === 'arrays')
    for (const { buffer } of [source.samples.images, source.samples.masks]) hash.update(new Uint8Array(buffer))
  return hash.digest('hex').slice(0, 32)
}
