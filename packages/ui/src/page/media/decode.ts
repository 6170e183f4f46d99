/** Masks and pictures out of their files; kept, because a slider passes the same ones again and again. */
import type { BlobRef } from '@trainyard/tracker/api'
import { blobUrl } from '../api/client.ts'
import type { Mask } from './masks.ts'

const most = 160
const masks = new Map<string, Promise<Mask>>()

export function loadMask(blob: BlobRef): Promise<Mask> {
  const known = masks.get(blob.sha256)
  if (known) return known
  const made = decode(blob)
  masks.set(blob.sha256, made)
  made.catch(() => masks.delete(blob.sha256))
  for (const [oldest] of masks) {
    if (masks.size <= most) break
    masks.delete(oldest)
  }
  return made
}

async function decode(blob: BlobRef): Promise<Mask> {
  const response = await fetch(blobUrl(blob))
  if (!response.ok) throw new Error(`The mask could not be loaded (${response.status}).`)
  // The grey value is the class: nothing may be converted on the way.
  const bitmap = await createImageBitmap(await response.blob(), {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  })
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  const classes = new Uint8Array(width * height)
  for (let i = 0; i < classes.length; i++) classes[i] = data[i * 4]
  return { width, height, classes }
}
