import { DataError } from '../errors.ts'
import { IMAGE_ENDING } from '../image/decode.ts'
import { stem } from './manifest.ts'

/** The names of a picture's file and of its mask's. */
export interface Pair {
  name: string
  image: string
  mask: string
}

/** Pictures that are not read here; to pass over them in silence would be to lose them. */
const OTHER_PICTURES = /\.(?:tiff?|bmp|gif|webp|dcm|dicom|jp2|heic|svg)$/i

/**
 * Finds the mask of every picture by its name: `a.png` goes with `a.png`, `a.jpg`, `a_mask.png` or `a-mask.png`.
 *
 * @param images The names of the files in the folder of images.
 * @param masks Those in the folder of masks.
 * @param folder The folder above both, for messages.
 * @throws `DataError` naming the pictures without a mask and the masks without a picture (ten of each at most), two files of
 * one name, or pictures in a format that is not read.
 */
export function pairNames(images: readonly string[], masks: readonly string[], folder: string): Pair[] {
  const byName = pictures(images, 'images', folder, stem)
  const maskByName = pictures(masks, 'masks', folder, (name) =>
    byName.has(stem(name)) ? stem(name) : stem(name).replace(/[-_]mask$/i, ''),
  )
  const unmasked = [...byName].filter(([name]) => !maskByName.has(name)).map(([, file]) => `images/${file}`)
  const unpictured = [...maskByName].filter(([name]) => !byName.has(name)).map(([, file]) => `masks/${file}`)
  const faults = [
    ...(unmasked.length > 0 ? [`${unmasked.length} without a mask: ${some(unmasked)}`] : []),
    ...(unpictured.length > 0 ? [`${unpictured.length} without an image: ${some(unpictured)}`] : []),
  ]
  if (faults.length > 0)
    throw new DataError(
      `${folder}: ${faults.join('; ')}; an image and its mask have the same name, or the mask ends in _mask`,
      {
        file: folder,
      },
    )
  if (byName.size === 0) throw new DataError(`${folder}: images/ holds no PNG or JPEG`, { file: folder })
  return [...byName].map(([name, image]) => ({ name, image, mask: maskByName.get(name)! }))
}

function pictures(files: readonly string[], kind: string, folder: string, nameOf: (file: string) => string) {
  const others = files.filter((file) => OTHER_PICTURES.test(file) && !file.startsWith('.'))
  if (others.length > 0)
    throw new DataError(
      `${folder}: ${kind}/ holds pictures that are neither PNG nor JPEG: ${some(others)}; convert them first`,
      {
        file: folder,
      },
    )
  const byName = new Map<string, string>()
  for (const file of files) {
    if (!IMAGE_ENDING.test(file) || file.startsWith('.')) continue
    const name = nameOf(file)
    const other = byName.get(name)
    if (other)
      throw new DataError(`${folder}: ${kind}/${other} and ${kind}/${file} are of one name; keep one of them`, {
        file: folder,
      })
    byName.set(name, file)
  }
  return byName
}

/** The first ten of a list in words. */
export function some(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')
}
