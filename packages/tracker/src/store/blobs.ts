/** Files kept under the SHA-256 of their bytes: written once, never changed, equal contents kept once. */
import { createHash, randomBytes } from 'node:crypto'
import { constants, createReadStream, existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobRecord } from '../log/records.ts'
import { makeFolder } from './makeFolder.ts'
import { mimeOf } from './mime.ts'

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

export const blobPath = (blobs: string, sha256: string): string => join(blobs, sha256.slice(0, 2), sha256)

const temporary = (path: string) => `${path}.${randomBytes(6).toString('hex')}.part`

/** Writes whole or not at all: a reader never sees half of it. @param mode Who may read it, where that is not everybody. */
export function writeWhole(path: string, bytes: Uint8Array | string, mode?: number): void {
  makeFolder(dirname(path))
  const part = temporary(path)
  try {
    writeFileSync(part, bytes, { mode })
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/**
 * The same for a file that must not exist yet: of many processes that try, one succeeds.
 * @throws an error with code EEXIST where it exists.
 */
export function writeNew(path: string, bytes: Uint8Array | string): void {
  const part = temporary(path)
  try {
    writeFileSync(part, bytes)
    linkSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}

export function putBlob(blobs: string, bytes: Uint8Array, mime: string): BlobRecord {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const path = blobPath(blobs, sha256)
  if (!existsSync(path)) writeWhole(path, bytes)
  return { sha256, size: bytes.length, mime }
}

/** Copies first and hashes the copy, so that a file that is being changed meanwhile cannot get a wrong address. */
export async function putFile(blobs: string, file: string, mime = mimeOf(file)): Promise<BlobRecord> {
  await mkdir(blobs, { recursive: true })
  const part = temporary(join(blobs, 'file'))
  try {
    await copyFile(file, part, constants.COPYFILE_FICLONE)
    const { sha256, size } = await hashFile(part)
    const path = blobPath(blobs, sha256)
    if (!existsSync(path)) {
      await mkdir(dirname(path), { recursive: true })
      await rename(part, path)
    }
    return { sha256, size, mime }
  } finally {
    await rm(part, { force: true })
  }
}

export async function hashFile(file: string): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
  }
  return { sha256: hash.digest('hex'), size }
}
