/** Serves files of runs: unchanging, sandboxed, in parts where asked for (videos are). */
import { createReadStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { RunIndex } from '../index/runIndex.ts'
import { NotFoundError } from '../index/runIndex.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { blobPath, isSha256 } from '../store/blobs.ts'
import { fileSize } from '../store/files.ts'
import { shownTypes } from '../store/mime.ts'
import { BLOB_POLICY } from './safety.ts'

const headerName = (name: string) => name.replace(/[^\w. -]/g, '_').slice(0, 100) || 'file'

export function serveBlob(
  index: RunIndex,
  { project, run, sha256 }: { project: string; run: string; sha256: string },
  { type, download }: { type?: string | undefined; download?: string | undefined },
  range: string | undefined,
): Response {
  if (!isSha256(sha256)) throw new NotFoundError('a blob is named by its SHA-256 in hexadecimal')
  const places = [index.paths.run(project, run).blobs, new ArtifactStore(index.paths.artifacts(project)).blobs]
  const file = places.map((blobs) => blobPath(blobs, sha256)).find((path) => fileSize(path) !== null)
  if (!file) throw new NotFoundError(`project "${project}" has no file ${sha256}`)
  const { size } = statSync(file)
  const shown = type !== undefined && shownTypes.has(type)
  const headers: Record<string, string> = {
    'content-type': shown ? type : 'application/octet-stream',
    'content-security-policy': BLOB_POLICY,
    'cache-control': 'private, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    etag: `"${sha256}"`,
  }
  if (!shown || download !== undefined)
    headers['content-disposition'] =
      `${shown && !download ? 'inline' : 'attachment'}; filename="${headerName(download ?? sha256)}"`
  const part = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (part) {
    const start = Number(part[1])
    const end = Math.min(part[2] ? Number(part[2]) : size - 1, size - 1)
    if (start > end)
      return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } })
    return new Response(stream(file, start, end), {
      status: 206,
      headers: {
        ...headers,
        'content-length': String(end - start + 1),
        'content-range': `bytes ${start}-${end}/${size}`,
      },
    })
  }
  return new Response(size === 0 ? '' : stream(file, 0, size - 1), {
    headers: { ...headers, 'content-length': String(size) },
  })
}

function stream(file: string, start: number, end: number): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(file, { start, end })) as ReadableStream<Uint8Array>
}
