/** Files that the cells of a stored table speak of. */
import { readFileSync } from 'node:fs'
import type { BlobRecord } from '../log/records.ts'
import { blobPath } from '../store/blobs.ts'

export function tableBlobs(table: BlobRecord, blobs: string): BlobRecord[] {
  const found: BlobRecord[] = []
  JSON.parse(readFileSync(blobPath(blobs, table.sha256), 'utf8'), (_, value: unknown) => {
    const { sha256, size, mime } = (value ?? {}) as Partial<BlobRecord>
    if (typeof sha256 === 'string' && typeof size === 'number' && typeof mime === 'string')
      found.push({ sha256, size, mime })
    return value
  })
  return found
}
