import { DataError } from '../errors.ts'
import { Random } from '../random/random.ts'
import type { SampleInfo } from './sample.ts'

/** The parts of a data set, each a list of indices in ascending order. */
export interface Split {
  train: number[]
  validation: number[]
  test: number[]
}

/** Which share of the pictures goes where; the three add up to 1. */
export type Fractions = Record<keyof Split, number>

/** About 62, 7 and 14 of 83 pictures. */
export const DEFAULT_FRACTIONS: Fractions = { train: 0.75, validation: 0.085, test: 0.165 }

const PARTS = ['train', 'validation', 'test'] as const

/**
 * Splits pictures into train, validation and test so that all of one patient are on the same side: a random split would test
 * on people it was trained on.
 *
 * @param infos The pictures; only `patient` is looked at.
 * @param fractions The wanted shares of pictures. They are met as nearly as whole patients allow. Default: `DEFAULT_FRACTIONS`.
 * @param seed The same seed gives the same split. Default 0.
 * @throws `DataError` when a part that was asked for would be empty, or for fractions that do not add up to 1.
 * @example
 * ```ts
 * const films = Array.from({ length: 20 }, (_, i) => ({ name: `film-${i}`, patient: `patient-${i >> 1}` }))
 * const { train, validation, test } = splitByPatient(films, { train: 0.6, validation: 0.2, test: 0.2 }, 42)
 * console.log([train.length, validation.length, test.length]) // [12, 4, 4]
 * ```
 */
export function splitByPatient(
  infos: readonly SampleInfo[],
  fractions: Fractions = DEFAULT_FRACTIONS,
  seed = 0,
): Split {
  const sum = PARTS.reduce((total, part) => total + fractions[part], 0)
  if (PARTS.some((part) => !(fractions[part] >= 0)) || Math.abs(sum - 1) > 1e-6)
    throw new DataError(
      `split: fractions ${PARTS.map((part) => fractions[part]).join(' + ')} must be positive and add up to 1`,
    )
  const split: Split = { train: [], validation: [], test: [] }
  const missing = (part: keyof Split) => fractions[part] * infos.length - split[part].length
  const wanted = PARTS.filter((part) => fractions[part] > 0)
  for (const group of shuffledPatients(infos, seed)) {
    const roomy = wanted.filter((part) => group.length <= missing(part) + 0.5)
    const best = (parts: typeof wanted, need: (part: keyof Split) => number) =>
      parts.reduce((first, part) => (need(part) > need(first) ? part : first))
    const part =
      roomy.length > 0 ? best(roomy, (part) => missing(part) / (fractions[part] * infos.length)) : best(wanted, missing)
    split[part].push(...group)
  }
  for (const part of wanted)
    if (split[part].length === 0)
      throw new DataError(
        `the ${part} split would be empty: ${counted(infos.length, 'picture')} of ${counted(new Set(infos.map((info) => info.patient)).size, 'patient')} cannot be divided ${PARTS.map((name) => fractions[name]).join(' / ')}; use more pictures or other fractions`,
      )
  for (const part of PARTS) split[part].sort((a, b) => a - b)
  return split
}

/**
 * Divides pictures into k folds of about the same size, all pictures of a patient in one fold.
 *
 * @param seed The same seed gives the same folds. Default 0.
 * @returns For each fold the split in which it is the test set, the next fold the validation set, and the others are trained on.
 * @throws `DataError` for fewer than 3 folds, or fewer patients than folds.
 * @example
 * ```ts
 * const films = Array.from({ length: 10 }, (_, i) => ({ name: `film-${i}`, patient: `patient-${i}` }))
 * console.log(kFoldByPatient(films, 5, 42).map(({ test }) => test.length)) // [2, 2, 2, 2, 2]
 * ```
 */
export function kFoldByPatient(infos: readonly SampleInfo[], k: number, seed = 0): Split[] {
  if (!Number.isInteger(k) || k < 3)
    throw new DataError(`kFoldByPatient: ${k} folds; at least 3 are needed, for training, validation and test`)
  const groups = shuffledPatients(infos, seed)
  if (groups.length < k) throw new DataError(`${k} folds need at least ${k} patients, but there are ${groups.length}`)
  const folds = Array.from({ length: k }, (): number[] => [])
  groups.sort((a, b) => b.length - a.length)
  for (const group of groups) folds.reduce((least, fold) => (fold.length < least.length ? fold : least)).push(...group)
  for (const fold of folds) fold.sort((a, b) => a - b)
  return folds.map((test, index) => {
    const next = (index + 1) % k
    const train = folds.filter((_, other) => other !== index && other !== next).flat()
    return { train: train.sort((a, b) => a - b), validation: folds[next], test }
  })
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The indices of each patient's pictures, patients in random order that depends on nothing but their names and the seed. */
function shuffledPatients(infos: readonly SampleInfo[], seed: number): number[][] {
  const groups = new Map<string, number[]>()
  infos.forEach(({ patient }, index) => {
    const group = groups.get(patient)
    if (group) group.push(index)
    else groups.set(patient, [index])
  })
  const names = [...groups.keys()].sort()
  return Array.from(new Random(seed).permutation(names.length), (at) => groups.get(names[at])!)
}
