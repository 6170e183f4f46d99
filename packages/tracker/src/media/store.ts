/** Writes media to the blob store and makes the record of it; runs in the writer thread. */
import { readFileSync } from 'node:fs'
import { encode } from 'fast-png'
import type { BlobRecord, Json, MediaRecordItem } from '../log/records.ts'
import { putBlob } from '../store/blobs.ts'
import { imageMime, mimeOf } from '../store/mime.ts'
import { imageSize } from './imageSize.ts'
import { type ImageSource, MEDIA_CELL, MediaError, type MediaInput } from './input.ts'

type Put = (bytes: Uint8Array, mime: string) => BlobRecord

const png = (data: Uint8Array, width: number, height: number, channels: number): Uint8Array =>
  encode({ data, width, height, channels: channels as 1 | 3 | 4, depth: 8 }, { zlib: { level: 4 } })

function storeImage(put: Put, source: ImageSource): { blob: BlobRecord; width: number; height: number } {
  if ('pixels' in source) {
    const { pixels, width, height, channels } = source
    return { blob: put(png(pixels, width, height, channels), 'image/png'), width, height }
  }
  if ('bytes' in source) {
    const { bytes, mime, width, height } = source
    return { blob: put(bytes, mime), width, height }
  }
  const bytes = readFileSync(source.file)
  const mime = imageMime(bytes)
  const size = mime && imageSize(bytes, mime)
  if (!mime || !size) throw new MediaError(`Image: ${source.file} is no PNG, JPEG, GIF, WebP or SVG picture`)
  return { blob: put(bytes, mime), ...size }
}

/**
 * @param onBlob Called with every file that is stored.
 * @throws Error where a file cannot be read or the disk is full.
 */
export function storeMedia(
  blobs: string,
  input: MediaInput,
  onBlob: (blob: BlobRecord) => void = () => {},
): MediaRecordItem {
  return store(input, (bytes, mime) => {
    const blob = putBlob(blobs, bytes, mime)
    onBlob(blob)
    return blob
  })
}

function store(input: MediaInput, put: Put): MediaRecordItem {
  switch (input.kind) {
    case 'image': {
      const { blob, width, height } = storeImage(put, input.source)
      const masks: Extract<MediaRecordItem, { kind: 'image' }>['masks'] = {}
      for (const [name, { pixels, classes }] of Object.entries(input.masks)) {
        if (pixels.length !== width * height)
          throw new MediaError(
            `Image: mask "${name}" has ${pixels.length} values, the picture ${width}×${height} pixels`,
          )
        masks[name] = { blob: put(png(pixels, width, height, 1), 'image/png'), classes }
      }
      return { kind: 'image', blob, width, height, caption: input.caption, masks, boxes: input.boxes }
    }
    case 'table': {
      const rows = input.rows.map((row) =>
        row.map((cell) =>
          typeof cell === 'object' && cell !== null && !Array.isArray(cell) && MEDIA_CELL in cell
            ? (store(cell[MEDIA_CELL] as MediaInput, put) as unknown as Json)
            : (cell as Json),
        ),
      )
      const bytes = Buffer.from(JSON.stringify({ columns: input.columns, rows }))
      return {
        kind: 'table',
        blob: put(bytes, 'application/json'),
        columns: input.columns,
        rows: rows.length,
      }
    }
    case 'html':
      return { kind: 'html', blob: put(Buffer.from(input.html), 'text/html') }
    case 'plot':
      return input.format === 'svg'
        ? {
            kind: 'plot',
            format: 'svg',
            spec: null,
            blob: put(Buffer.from(String(input.spec)), 'image/svg+xml'),
          }
        : { kind: 'plot', format: input.format, spec: input.spec, blob: null }
    case 'file':
      return { kind: 'file', blob: put(readFileSync(input.file), mimeOf(input.name)), name: input.name }
    default:
      return input
  }
}
