import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  type ArraySamples,
  createArraySamples,
  DataError,
  intoMemory,
  kFoldByPatient,
  listSegmentationFolder,
  readSegmentationNpz,
  SegmentationSet,
  type Split,
  splitByPatient,
} from '@trainyard/vision'
import { deriveSeed } from '../study/deriveSeed.ts'
import type { XraySettings } from './settings.ts'

/** One division of the films. */
export type Parts = Record<keyof Split, SegmentationSet>

/** The films of a study, read into memory, and how they are divided. */
export interface XrayData {
  /** In words: where they come from. */
  readonly source: string
  readonly films: SegmentationSet
  /** One division, or as many as there are folds. */
  readonly divisions: readonly Parts[]
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
  const { films, source, split } = await readFilms(settings, onProgress)
  const divisions = divide(films, settings, seed, split).map((division) => films.split(division))
  return { source, films, divisions, fingerprint: fingerprintOf(films, divisions) }
}

interface Films {
  readonly films: SegmentationSet
  readonly source: string
  /** Where the data bring their own. */
  readonly split?: Split
}

async function readFilms(
  { data, phantoms, size, contrast, maskThreshold }: XraySettings,
  onProgress: (done: number, total: number) => void,
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
    return { ...together(readSegmentationNpz(await readFile(data), data, options)), source: basename(data) }
  }
  const samples = await listSegmentationFolder(data)
  const set = new SegmentationSet({ kind: 'files', samples, options })
  return { films: await intoMemory(set, { onProgress }), source: `the folder ${basename(data)}` }
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

/** The three parts of a file as one set, and where each of them lies in it. */
function together(parts: Record<keyof Split, ArraySamples>): { films: SegmentationSet; split: Split } {
  const names = ['train', 'validation', 'test'] as const
  const { width, height, channels } = parts.train
  const all = createArraySamples(
    names.flatMap((name) => parts[name].infos),
    width,
    height,
    channels,
  )
  const split: Split = { train: [], validation: [], test: [] }
  let at = 0
  for (const name of names) {
    const { infos, images, masks } = parts[name]
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
