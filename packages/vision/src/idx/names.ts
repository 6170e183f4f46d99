import { DataError } from '../errors.ts'

/** The two halves of an MNIST-like data set. */
export type IdxSplit = 'train' | 'test'
/** The two files of each half. */
export type IdxKind = 'images' | 'labels'

/**
 * What follows "images" or "labels" in the names that such files go by: `-idx3-ubyte`, `.idx3-ubyte`, `_idx3_ubyte`,
 * `.idx`, `.ubyte` or nothing, then perhaps `.gz`.
 */
const ENDING = /^(?:[-_.]?idx\d?(?:[-_.]u?(?:byte|int))?|[-_.]u?byte)?(?:\.gz)?$/i
const SPLITS: Record<IdxSplit, RegExp> = {
  train: /(?:^|[-_.])train(?:ing)?[-_.]/i,
  test: /(?:^|[-_.])(?:t10k|test)[-_.]/i,
}

/**
 * Finds one of the four files of an MNIST-like data set among the names in a folder: MNIST, Fashion-MNIST, KMNIST and EMNIST
 * name them alike but not equally.
 *
 * @returns The file's name, or undefined where there is none. Of a raw and a compressed file of the same name, the raw one.
 * @throws `DataError` when several files would fit, which happens where a folder holds several data sets.
 */
export function findIdxFile(
  names: readonly string[],
  split: IdxSplit,
  kind: IdxKind,
  folder: string,
): string | undefined {
  const fitting = names.filter((name) => {
    const at = name.toLowerCase().lastIndexOf(kind)
    return at > 0 && SPLITS[split].test(name.slice(0, at)) && ENDING.test(name.slice(at + kind.length))
  })
  const stems = new Map<string, string>()
  for (const name of fitting) {
    const stem = name.replace(/\.gz$/i, '').replace(/[-_.]/g, '-')
    if (!stems.has(stem) || !/\.gz$/i.test(name)) stems.set(stem, name)
  }
  if (stems.size > 1)
    throw new DataError(
      `${folder}: several files could be the ${split} ${kind}: ${[...stems.values()].join(', ')}; put each data set into a folder of its own`,
      { file: folder },
    )
  return stems.values().next().value
}
