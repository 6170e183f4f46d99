import { type DecodedPng, decode } from 'fast-png'
import { createImage, type Image } from './image.ts'

/** What a PNG says about itself before any of its pixels are decoded. */
interface PngHeader {
  width: number
  height: number
  depth: number
  colourType: number
  interlaced: boolean
}

const SAMPLES_BY_COLOUR_TYPE: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

export function isPng(bytes: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => bytes[index] === byte)
}

/** The header chunk, which the standard puts first (PNG specification, 11.2.1). */
function readHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33) throw new Error('cut short within its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: bytes[24],
    colourType: bytes[25],
    interlaced: bytes[28] !== 0,
  }
}

/**
 * Decodes a PNG: grey or colour, with palette or alpha, 1 to 16 bits a sample. Transparent parts show black.
 *
 * @param bytes The whole file.
 * @param maxPixels Larger pictures are refused before they are decoded.
 * @throws `Error` saying what is wrong; `decodeImage` adds the file's name.
 */
export function readPng(bytes: Uint8Array, maxPixels: number): Image {
  const header = readHeader(bytes)
  const { width, height } = header
  if (width === 0 || height === 0) throw new Error(`${width}×${height} pixels`)
  if (width * height > maxPixels) throw new Error(`${width}×${height} is more than ${maxPixels} pixels`)
  if (header.interlaced && header.depth < 8)
    throw new Error(`interlaced with ${header.depth} bits a sample is not supported; save it without interlacing`)
  const rawBytes =
    height * (1 + Math.ceil((width * header.depth * (SAMPLES_BY_COLOUR_TYPE[header.colourType] ?? 4)) / 8))
  if (bytes.length > 2 * rawBytes + (1 << 20)) throw new Error('far more data than its size calls for')
  const png = decode(bytes, { checkCrc: true })
  const samples = png.depth < 8 ? unpack(png) : png.data
  if (samples.length !== width * height * png.channels) throw new Error('its pixel data is cut short')
  if (png.palette) return fromPalette(samples, png.palette, width, height)
  return fromSamples(samples, png)
}

/** Samples of 1, 2 or 4 bits, each row padded to whole bytes, as one number each. */
function unpack({ data, width, height, depth, channels }: DecodedPng): Uint8Array {
  const perRow = width * channels
  const rowBytes = Math.ceil((perRow * depth) / 8)
  const samples = new Uint8Array(perRow * height)
  if (data.length !== rowBytes * height) return samples.subarray(0, 0)
  for (let row = 0; row < height; row++)
    for (let x = 0; x < perRow; x++) {
      const bit = x * depth
      const byte = data[row * rowBytes + (bit >> 3)]
      samples[row * perRow + x] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
    }
  return samples
}

function fromSamples(samples: ArrayLike<number>, png: DecodedPng): Image {
  const { width, height, channels, depth, transparency } = png
  const alpha = channels === 2 || channels === 4
  const colours = alpha ? channels - 1 : channels
  const image = createImage(width, height, colours)
  const highest = 2 ** depth - 1
  for (let pixel = 0; pixel < width * height; pixel++) {
    let opacity = alpha ? samples[pixel * channels + colours] / highest : 1
    if (transparency && isKey(samples, pixel * channels, transparency, colours)) opacity = 0
    for (let colour = 0; colour < colours; colour++)
      image.data[pixel * colours + colour] = (samples[pixel * channels + colour] / highest) * opacity
  }
  return image
}

/** Whether a pixel has the one colour that a tRNS chunk calls transparent. */
function isKey(samples: ArrayLike<number>, at: number, key: Uint16Array, colours: number): boolean {
  for (let colour = 0; colour < colours; colour++) if (samples[at + colour] !== key[colour]) return false
  return true
}

function fromPalette(samples: ArrayLike<number>, palette: number[][], width: number, height: number): Image {
  const grey = palette.every(([red, green, blue]) => red === green && green === blue)
  const image = createImage(width, height, grey ? 1 : 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const entry = palette[samples[pixel]]
    if (!entry) throw new Error(`colour ${samples[pixel]} is not in its palette of ${palette.length}`)
    const opacity = (entry[3] ?? 255) / 255
    for (let colour = 0; colour < image.channels; colour++)
      image.data[pixel * image.channels + colour] = (entry[colour] / 255) * opacity
  }
  return image
}
