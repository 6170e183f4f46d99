import { DataError, reason } from '../errors.ts'
import { type Image, withChannels } from './image.ts'
import { isJpeg, readJpeg } from './readJpeg.ts'
import { isPng, readPng } from './readPng.ts'

/** The endings of the files that `decodeImage` reads. */
export const IMAGE_ENDING = /\.(?:png|jpe?g)$/i

/**
 * Decodes a PNG or JPEG from its bytes, whatever its name says.
 *
 * PNG: 1 to 16 bits, grey, colour, palette, alpha (shown on black). JPEG: baseline and progressive. 16-bit values keep their
 * precision: white (65535) is 1.
 *
 * @param bytes The whole file.
 * @param name The file's name, for messages.
 * @param options `channels`: 1 for grey, 3 for colour; as in the file by default. `maxPixels`: larger pictures are refused
 * (default 100 million).
 * @throws `DataError` naming the file: another format, damaged, too large.
 * @example
 * const film = decodeImage(await readFile('film.png'), 'film.png', { channels: 1 })
 */
export function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: { channels?: 1 | 3; maxPixels?: number } = {},
): Image {
  const maxPixels = options.maxPixels ?? 100_000_000
  const read = isPng(bytes) ? readPng : isJpeg(bytes) ? readJpeg : undefined
  if (!read) throw new DataError(`${name}: ${looksLike(bytes)}; PNG or JPEG was expected`, { file: name })
  try {
    const image = read(bytes, maxPixels)
    return options.channels ? withChannels(image, options.channels) : image
  } catch (thrown) {
    const format = read === readPng ? 'PNG' : 'JPEG'
    throw new DataError(`${name}: cannot be read as ${format} (${reason(thrown)}); put another copy of it there`, {
      file: name,
      cause: thrown,
    })
  }
}

function looksLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty'
  const begins = new TextDecoder('latin1').decode(bytes.subarray(0, 12))
  if (new TextDecoder('latin1').decode(bytes.subarray(128, 132)) === 'DICM') return 'is a DICOM file, not read here'
  const formats: [RegExp, string][] = [
    [/^GIF8/, 'is a GIF'],
    [/^(II\*|MM\0)/, 'is a TIFF'],
    [/^BM/, 'is a BMP'],
    [/^RIFF....WEBP/s, 'is a WebP picture'],
    [/^\s*</, 'is text, perhaps an error page'],
    [/^version https/, 'is a Git LFS pointer, not the picture itself'],
  ]
  return formats.find(([pattern]) => pattern.test(begins))?.[1] ?? 'is not a picture that is known here'
}
