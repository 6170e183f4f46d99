import { DataError } from '../errors.ts'
import { joinPath, kindOf, listFiles, listFolders, readBytes } from '../platform/files.ts'
import { type LabelledImages, readIdxPair } from './images.ts'
import { findIdxFile, type IdxKind, type IdxSplit } from './names.ts'

const KINDS: readonly IdxKind[] = ['images', 'labels']

/** One half of a data set read from a folder, and the files that it came from. */
export interface IdxFolderSplit extends LabelledImages {
  imagesFile: string
  labelsFile: string
}

/**
 * Reads both halves of an MNIST-like data set (MNIST, Fashion-MNIST, KMNIST, …) from a folder that holds its four idx files,
 * raw or gzip.
 *
 * @param folder The folder itself, or one that holds it as `raw` or `NAME/raw` (the layout that torchvision leaves).
 * @throws `DataError` that names every missing file, or the file at fault and what is wrong with it.
 * @example
 * const { train, test } = await readIdxFolder('fashion-mnist')
 */
export async function readIdxFolder(folder: string): Promise<Record<IdxSplit, IdxFolderSplit>> {
  if ((await kindOf(folder)) === undefined)
    throw new DataError(
      `${folder}: no such folder; give the one that holds ${usualName('train', 'images')} and its three sisters`,
      {
        file: folder,
      },
    )
  const at = await findDataFolder(folder)
  const names = await listFiles(at)
  const missing = (['train', 'test'] as const).flatMap((split) =>
    KINDS.filter((kind) => !findIdxFile(names, split, kind, at)).map((kind) => usualName(split, kind)),
  )
  if (missing.length > 0)
    throw new DataError(
      `${at}: ${missing.join(', ')} missing (raw or .gz; Fashion-MNIST's and KMNIST's names will do); the folder holds ${inWords(names)}`,
      { file: at },
    )
  return { train: await readSplit(at, names, 'train'), test: await readSplit(at, names, 'test') }
}

async function readSplit(folder: string, names: string[], split: IdxSplit): Promise<IdxFolderSplit> {
  const [images, labels] = KINDS.map((kind) => joinPath(folder, findIdxFile(names, split, kind, folder)!))
  const pair = await readIdxPair(
    { name: images, bytes: await readBytes(images) },
    { name: labels, bytes: await readBytes(labels) },
  )
  return { ...pair, imagesFile: images, labelsFile: labels }
}

/** The folder itself, or the only one below it (two levels at most) with train images in it. */
async function findDataFolder(folder: string): Promise<string> {
  const holds = async (at: string) => findIdxFile(await listFiles(at), 'train', 'images', at) !== undefined
  if (await holds(folder)) return folder
  const found: string[] = []
  for (const child of await listFolders(folder)) {
    const below = joinPath(folder, child)
    for (const at of [below, joinPath(below, 'raw')])
      if ((await kindOf(at)) === 'folder' && (await holds(at).catch(() => false))) found.push(at)
  }
  if (found.length > 1)
    throw new DataError(`${folder}: several data sets below it, ${found.join(', ')}; give one of them`, {
      file: folder,
    })
  return found[0] ?? folder
}

function usualName(split: IdxSplit, kind: IdxKind): string {
  return `${split === 'train' ? 'train' : 't10k'}-${kind}-idx${kind === 'images' ? 3 : 1}-ubyte`
}

function inWords(names: string[]): string {
  if (names.length === 0) return 'no files'
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ')
}
