import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { createWasmBackend, useBackend } from '@trainyard/core'
import {
  DataError,
  decodeImage,
  fitTo,
  type Image,
  maskPng,
  overlayPng,
  probabilityPng,
  stretchContrast,
  unfit,
} from '@trainyard/vision'
import { prepareFolder } from '../report/index.ts'
import { THRESHOLD } from './metrics.ts'
import { paddedSize } from './model.ts'
import { cut, type Predictor, predictorOf } from './predictor.ts'
import type { XraySettings } from './settings.ts'
import { readTrained } from './weights.ts'

/** Which network marks which films, and where the results go. */
export interface PredictOptions {
  /** `best.safetensors` or `latest.safetensors` of a training of the study. */
  readonly checkpoint: string
  /** A PNG or JPEG, or a folder of them. */
  readonly input: string
  /** The folder of the results. */
  readonly out: string
  /** From which probability on a pixel counts as lung. Default 0.5. */
  readonly threshold?: number
  /** Sides in pixels that films are brought to for the network. Default: those it was trained with. */
  readonly size?: number
  /** Threads of WebAssembly. Default: as many as there are cores. */
  readonly threads?: number
  /** Where lines about the work go. Default: nowhere. */
  readonly note?: (text: string) => void
}

/** What was found in one film. */
export interface Prediction {
  readonly file: string
  readonly width: number
  readonly height: number
  /** Share of the film's pixels that are lung. */
  readonly lungShare: number
  /** The files that were written. */
  readonly mask: string
  readonly probability: string
  readonly overlay: string
}

const PICTURE = /\.(?:png|jpe?g)$/i

/**
 * Marks the lungs in films: for each of them a mask, a map of probabilities (16 bits) and an overlay, as PNG of the film's own
 * size. All films are read before anything is written.
 *
 * @throws `DataError` or `FormatError` naming the file that cannot be used.
 * @example
 * ```ts no-run
 * await predictFilms({ checkpoint: 'best.safetensors', input: 'film.png', out: 'marked' })
 * ```
 */
export async function predictFilms(options: PredictOptions): Promise<Prediction[]> {
  const { checkpoint, input, out, threshold = THRESHOLD, threads, note = () => {} } = options
  const files = await filmsIn(input)
  if (threads !== undefined) useBackend(await createWasmBackend({ threads }))
  const trained = await readTrained(checkpoint)
  const size = options.size ?? trained.settings.size
  const { multiple } = trained.model
  note(`weights of epoch ${trained.epoch}, trained with films of ${trained.settings.size} × ${trained.settings.size}`)
  const padded = paddedSize(size, multiple)
  const padding = padded === size ? '' : `, padded to ${padded} × ${padded} (a multiple of ${multiple})`
  note(
    `films are brought to ${size} × ${size} for the network${padding}; what it says is cut back to each film's own size`,
  )
  // One that cannot be read is found before anything is written.
  for (const file of files) await readFilm(file)
  const takeBack = await prepareFolder(out)
  try {
    const predict = predictorOf(trained.model, trained.objective)
    const predictions: Prediction[] = []
    for (const file of files) {
      const film = await readFilm(file)
      const probability = await probabilityOf(film, predict, size, trained.settings)
      predictions.push(await write(file, film, probability, threshold, out))
    }
    return predictions
  } catch (error) {
    await takeBack()
    throw error
  }
}

/** The films that were asked for; no two of them would write the same files. */
async function filmsIn(input: string): Promise<string[]> {
  const found = await stat(input).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`${input}: ${error.code === 'ENOENT' ? 'there is no such file or folder' : error.message}`, {
      file: input,
    })
  })
  if (!found.isDirectory()) return [input]
  const names = (await readdir(input)).filter((name) => PICTURE.test(name) && !name.startsWith('.')).sort()
  if (names.length === 0) throw new DataError(`${input}: holds no PNG or JPEG`, { file: input })
  const byStem = new Map<string, string>()
  for (const name of names) {
    const other = byStem.get(stemOf(name))
    if (other) throw new DataError(`${input}: ${other} and ${name} would have results of one name; rename one of them`)
    byStem.set(stemOf(name), name)
  }
  return names.map((name) => join(input, name))
}

const stemOf = (file: string) => basename(file, extname(file))

async function readFilm(file: string): Promise<Image> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new DataError(`${file}: cannot be read (${(cause as Error).message})`, { file, cause })
  }
  return decodeImage(bytes, file, { channels: 1 })
}

/** The network's answer for a film as it is, whatever its size. */
async function probabilityOf(
  film: Image,
  predict: Predictor,
  size: number,
  { contrast }: XraySettings,
): Promise<Image> {
  const { image, placed } = fitTo(stretchContrast(film, contrast), size, size)
  return unfit(await predict(image), placed)
}

async function write(
  file: string,
  film: Image,
  probability: Image,
  threshold: number,
  out: string,
): Promise<Prediction> {
  const predicted = cut(probability, threshold)
  const path = (kind: string) => join(out, `${stemOf(file)}-${kind}.png`)
  const paths = { mask: path('mask'), probability: path('probability'), overlay: path('overlay') }
  await writeWhole(paths.mask, maskPng(predicted))
  await writeWhole(paths.probability, probabilityPng(probability))
  await writeWhole(paths.overlay, overlayPng(film, { predicted }))
  const lung = predicted.data.reduce((sum, value) => sum + value, 0)
  return { file, width: film.width, height: film.height, lungShare: lung / predicted.data.length, ...paths }
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const aside = resolve(`${file}.${randomUUID()}.part`)
  try {
    await mkdir(resolve(file, '..'), { recursive: true })
    await writeFile(aside, bytes)
    await rename(aside, file)
  } finally {
    await rm(aside, { force: true })
  }
}
