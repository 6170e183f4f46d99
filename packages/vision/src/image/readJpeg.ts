import { decode } from 'jpeg-js'
import { createImage, type Image } from './image.ts'

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
}

/**
 * Decodes a baseline or progressive JPEG; a picture without any colour gets one channel.
 *
 * @param bytes The whole file.
 * @param maxPixels Larger pictures are refused before they are decoded.
 * @throws `Error` saying what is wrong; `decodeImage` adds the file's name.
 */
export function readJpeg(bytes: Uint8Array, maxPixels: number): Image {
  if (!endsWithMarker(bytes)) throw new Error('cut short: the end-of-image marker is missing')
  const { data, width, height } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: maxPixels / 1e6,
    maxMemoryUsageInMB: 2048,
  })
  const image = createImage(width, height, hasColour(data) ? 3 : 1)
  const step = 3 / image.channels
  for (let index = 0; index < image.data.length; index++) image.data[index] = data[index * step] / 255
  return image
}

/** Decoders fill what is missing with grey, so that a picture cut short would pass for a whole one. */
function endsWithMarker(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at >= 2; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true
  return false
}

function hasColour(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at += 3) if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true
  return false
}
