import type { IdxKind, IdxSplit } from './names.ts'

/** One of the four files of MNIST as its authors published them, uncompressed. */
export interface MnistFile {
  split: IdxSplit
  kind: IdxKind
  name: string
  bytes: number
  md5: string
}

/** The four files, with what they must hash to (MD5 of the uncompressed file). */
export const MNIST_FILES: readonly MnistFile[] = [
  {
    split: 'train',
    kind: 'images',
    name: 'train-images-idx3-ubyte',
    bytes: 47_040_016,
    md5: '6bbc9ace898e44ae57da46a324031adb',
  },
  {
    split: 'train',
    kind: 'labels',
    name: 'train-labels-idx1-ubyte',
    bytes: 60_008,
    md5: 'a25bea736e30d166cdddb491f175f624',
  },
  {
    split: 'test',
    kind: 'images',
    name: 't10k-images-idx3-ubyte',
    bytes: 7_840_016,
    md5: '2646ac647ad5339dbf082846283269ea',
  },
  {
    split: 'test',
    kind: 'labels',
    name: 't10k-labels-idx1-ubyte',
    bytes: 10_008,
    md5: '27ae3e4e09519cfbb04c329615203637',
  },
]

/** Where the files can be had, `NAME.gz` below each, in the order in which they are tried. */
export const MNIST_MIRRORS: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist',
  'https://storage.googleapis.com/cvdf-datasets/mnist',
]
