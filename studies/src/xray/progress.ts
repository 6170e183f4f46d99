import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@trainyard/vision'
import type { XraySettings } from './settings.ts'

/** One training of a study: the only one, or that of a fold. */
export interface TrainingRecord {
  readonly fold: number | null
  /** The tracked run. */
  readonly run: string
  /** The folder of its checkpoints, relative to that of the report. */
  readonly checkpoints: string
}

/** Where a study stands: what it takes to continue it. */
export interface StudyRecord {
  readonly seed: number
  readonly settings: XraySettings
  /** Of the data. */
  readonly fingerprint: string
  readonly trainings: readonly TrainingRecord[]
}

const FORMAT = 'trainyard xray 1'

const fileIn = (folder: string) => join(folder, 'training.json')

/** Writes down where a study stands, whole or not at all. */
export async function keepRecord(folder: string, record: StudyRecord): Promise<void> {
  const file = fileIn(folder)
  const aside = `${file}.${randomUUID()}.part`
  try {
    await writeFile(aside, `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`, { flush: true })
    await rename(aside, file)
  } finally {
    await rm(aside, { force: true })
  }
}

/**
 * Reads where a study stands.
 *
 * @throws `DataError` where there is nothing to be continued.
 */
export async function readRecord(folder: string): Promise<StudyRecord> {
  const file = fileIn(folder)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new DataError(
      `${folder}: there is no training to be continued here; give the folder that it was begun with by --out, or leave --resume out`,
      { file, cause },
    )
  }
  try {
    const { format, ...record } = JSON.parse(text) as StudyRecord & { format: string }
    if (format === FORMAT) return record
  } catch {
    // Said below.
  }
  throw new DataError(`${file}: is not a record of this study; begin anew without --resume`, { file })
}
