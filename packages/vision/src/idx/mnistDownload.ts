import { gunzip, isGzip } from '../compression/gunzip.ts'
import { DataError, reason } from '../errors.ts'
import { DownloadError, download, md5 } from '../platform/download.ts'
import { joinPath, kindOf, readBytes, writeAtomically } from '../platform/files.ts'
import { MNIST_FILES, type MnistFile } from './mnistFiles.ts'
import { IDX_HEAD_BYTES, parseIdxHeader } from './parse.ts'

/**
 * Makes sure that a folder holds the four files of MNIST: those that are there with the right checksum stay, the others are
 * downloaded, checked and only then put in place.
 *
 * @param folder The cache folder; made if it does not exist.
 * @param mirrors Addresses to try in turn, each with `NAME.gz` or `NAME` below it.
 * @param onDownload Called with each file's name before it is fetched.
 * @throws `DownloadError` when no mirror delivers a file.
 */
export async function downloadMnist(
  folder: string,
  mirrors: readonly string[],
  onDownload: (name: string) => void = () => {},
): Promise<void> {
  for (const file of MNIST_FILES) {
    const target = joinPath(folder, file.name)
    if ((await kindOf(target)) === 'file' && md5(await readBytes(target)) === file.md5) continue
    onDownload(file.name)
    await writeAtomically(target, await fromAnyMirror(file, mirrors))
  }
}

async function fromAnyMirror(file: MnistFile, mirrors: readonly string[]): Promise<Uint8Array> {
  const faults: string[] = []
  for (const mirror of mirrors) {
    try {
      return await fromMirror(file, mirror)
    } catch (thrown) {
      if (!(thrown instanceof DownloadError || thrown instanceof DataError)) throw thrown
      faults.push(reason(thrown))
    }
  }
  throw new DownloadError(faults.join('; ') || 'no mirror given')
}

async function fromMirror(file: MnistFile, mirror: string): Promise<Uint8Array> {
  const url = `${mirror.replace(/\/$/, '')}/${file.name}.gz`
  const fetched = await download(url, { maxBytes: file.bytes + 1024 })
  const bytes = isGzip(fetched)
    ? await gunzip(fetched, url, IDX_HEAD_BYTES, (head) => parseIdxHeader(head, url).totalBytes)
    : fetched
  const found = md5(bytes)
  if (found !== file.md5) throw new DownloadError(`${url}: MD5 ${found}, expected ${file.md5}; thrown away`)
  return bytes
}
