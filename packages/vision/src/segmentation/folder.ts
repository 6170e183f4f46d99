import { DataError } from '../errors.ts'
import { joinPath, kindOf, listFiles, readBytes } from '../platform/files.ts'
import type { FileSample } from './files.ts'
import { type ManifestRow, parseManifest } from './manifest.ts'
import { pairNames, some } from './pairs.ts'

/**
 * Lists the pictures of a folder that holds `images/` and `masks/` (PNG or JPEG) and perhaps a `manifest.csv` with the columns
 * `name` and `patient`; what else its columns say comes along. Nothing is decoded yet.
 *
 * @returns One entry a picture, sorted by name. Without a patient column every picture is a patient of its own.
 * @throws `DataError` naming the images without a mask, the masks without an image, and where manifest and folder differ.
 * @example
 * const films = await listSegmentationFolder('xray')
 */
export async function listSegmentationFolder(folder: string): Promise<FileSample[]> {
  if ((await kindOf(folder)) !== 'folder') throw new DataError(`${folder}: no such folder`, { file: folder })
  for (const part of ['images', 'masks'])
    if ((await kindOf(joinPath(folder, part))) !== 'folder')
      throw new DataError(`${folder}: has no folder ${part}; it must hold images/ and masks/`, { file: folder })
  const images = joinPath(folder, 'images')
  const masks = joinPath(folder, 'masks')
  const pairs = pairNames(await listFiles(images), await listFiles(masks), folder)
  const rows = await readManifest(joinPath(folder, 'manifest.csv'), new Set(pairs.map(({ name }) => name)))
  return pairs.map(({ name, image, mask }) => ({
    name,
    patient: rows.get(name)?.patient ?? name,
    image: joinPath(images, image),
    mask: joinPath(masks, mask),
    ...(rows.has(name) ? { columns: rows.get(name) } : {}),
  }))
}

async function readManifest(file: string, names: ReadonlySet<string>): Promise<Map<string, ManifestRow>> {
  if ((await kindOf(file)) !== 'file') return new Map()
  const rows = parseManifest(new TextDecoder().decode(await readBytes(file)), file)
  const absent = [...rows.keys()].filter((name) => !names.has(name))
  if (absent.length > 0)
    throw new DataError(`${file}: names ${absent.length} pictures that are not in images/: ${some(absent)}`, { file })
  const unlisted = [...names].filter((name) => !rows.has(name))
  if (unlisted.length > 0)
    throw new DataError(
      `${file}: has no row for ${unlisted.length} pictures in images/: ${some(unlisted)}; without it their patients are unknown`,
      {
        file,
      },
    )
  return rows
}
