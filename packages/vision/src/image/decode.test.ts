import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encode as encodePng } from 'fast-png'
import { encode } from 'jpeg-js'
import { DataError } from '../errors.ts'
import { type PngSpec, pngBytes } from '../testing/png.ts'
import { decodeImage } from './decode.ts'

const near = (got: ArrayLike<number>, wanted: number[], within = 1e-6) => {
  assert.equal(got.length, wanted.length)
  wanted.forEach((value, index) => {
    assert.ok(Math.abs(got[index] - value) <= within, `${index}: ${got[index]} but ${value}`)
  })
}
const fails = (bytes: Uint8Array, message: RegExp, options = {}) =>
  assert.throws(
    () => decodeImage(bytes, 'a/film.png', options),
    (thrown) =>
      thrown instanceof DataError && thrown.message.startsWith('a/film.png: ') && message.test(thrown.message),
  )

test('grey and colour of every bit depth are read exactly', () => {
  const kinds = [
    { colourType: 0, channels: 1, depths: [1, 2, 4, 8, 16] },
    { colourType: 2, channels: 3, depths: [8, 16] },
  ] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds.flatMap((kind) => kind.depths.map((depth) => ({ ...kind, depth })))),
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(1e6),
      ({ colourType, channels, depth }, width, height, seed) => {
        const samples = Array.from(
          { length: width * height * channels },
          (_, index) => ((index + 1) * (seed + 7919)) % 2 ** depth,
        )
        const image = decodeImage(pngBytes({ width, height, depth, colourType, samples }), 'x')
        assert.deepEqual([image.width, image.height, image.channels], [width, height, channels])
        near(
          image.data,
          samples.map((sample) => sample / (2 ** depth - 1)),
        )
      },
    ),
  )
})

test('alpha, transparent colours and palettes show on black', () => {
  const read = (spec: PngSpec, channels?: 1 | 3) => decodeImage(pngBytes(spec), 'x', { channels })
  const two = { width: 2, height: 1 } as const
  near(read({ ...two, depth: 8, colourType: 4, samples: [255, 255, 255, 51] }).data, [1, 0.2])
  near(read({ ...two, depth: 16, colourType: 4, samples: [65535, 0, 13107, 65535] }).data, [0, 0.2])
  near(
    read({ ...two, depth: 8, colourType: 6, samples: [255, 51, 0, 255, 255, 255, 255, 0] }).data,
    [1, 0.2, 0, 0, 0, 0],
  )
  near(read({ ...two, depth: 8, colourType: 0, samples: [255, 51], transparency: [0, 255] }).data, [0, 0.2])
  const palette = [0, 0, 0, 255, 255, 255, 51, 51, 51]
  near(read({ ...two, depth: 2, colourType: 3, samples: [1, 2], palette }).data, [1, 0.2])
  near(read({ ...two, depth: 8, colourType: 3, samples: [1, 2], palette, transparency: [255, 0] }).data, [0, 0.2])
  const coloured: PngSpec = { ...two, depth: 4, colourType: 3, samples: [1, 0], palette: [0, 0, 255, 255, 0, 0] }
  near(read(coloured).data, [1, 0, 0, 0, 0, 1])
  near(read(coloured, 1).data, [0.299, 0.114])
  near(read({ ...two, depth: 8, colourType: 0, samples: [255, 51] }, 3).data, [1, 1, 1, 0.2, 0.2, 0.2])
})

test('interlaced pictures are read, and those that are not supported are refused', () => {
  const data = Uint8Array.from({ length: 13 * 11 }, (_, index) => index)
  const bytes = encodePng({ width: 13, height: 11, data, channels: 1 }, { interlace: 'Adam7' })
  near(
    decodeImage(bytes, 'x').data,
    [...data].map((value) => value / 255),
  )
  fails(
    pngBytes({ width: 8, height: 1, depth: 1, colourType: 0, samples: new Array(8).fill(1), interlaced: true }),
    /save it without/,
  )
})

test('JPEG: grey, colour and progressive', () => {
  const pixels = Array.from({ length: 16 * 16 }, (_, index) => (index % 16) * 7 + Math.floor(index / 16) * 8)
  const rgba = (value: (index: number) => number[]) =>
    encode({ width: 16, height: 16, data: Buffer.from(pixels.flatMap((_, index) => [...value(index), 255])) }, 95).data
  const grey = decodeImage(
    rgba((index) => [pixels[index], pixels[index], pixels[index]]),
    'x',
  )
  assert.equal(grey.channels, 1)
  near(
    grey.data,
    pixels.map((value) => value / 255),
    0.03,
  )
  assert.equal(
    decodeImage(
      rgba((index) => [pixels[index], 0, 0]),
      'x',
    ).channels,
    3,
  )
  assert.equal(
    decodeImage(
      rgba((index) => [pixels[index], 0, 0]),
      'x',
      { channels: 1 },
    ).channels,
    1,
  )
  near(
    decodeImage(Buffer.from(PROGRESSIVE, 'base64'), 'x').data,
    pixels.map((value) => value / 255),
    0.05,
  )
})

/** The same slope, 16×16 and grey, as a progressive JPEG written by Pillow. */
const PROGRESSIVE =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIU' +
  'FRT/wgALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABwT/2gAIAQEAAAABGkupL//EABUQAQEAAAAAAAAAAAAAAAAAAAUA/9oACAEBAAEFAjzY' +
  '82PNjzb/xAAWEAADAAAAAAAAAAAAAAAAAAAAASH/2gAIAQEABj8CUFBQUP/EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAT8hAAAf/9oACAEBAAAA' +
  'EL//xAAWEAADAAAAAAAAAAAAAAAAAAAAQaH/2gAIAQEAAT8Qioioioio/9k='

test('what cannot be read is named with its reason', () => {
  const good = pngBytes({
    width: 20,
    height: 20,
    depth: 8,
    colourType: 0,
    samples: Array.from({ length: 400 }, (_, i) => (i * i) % 251),
  })
  fails(new Uint8Array(0), /is empty; PNG or JPEG was expected/)
  fails(Buffer.from('<!DOCTYPE html>'), /is text, perhaps an error page/)
  fails(Buffer.from('GIF89a'), /is a GIF/)
  fails(Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]), /is a DICOM file/)
  for (const length of [20, 60, good.length - 30, good.length - 5])
    fails(good.subarray(0, length), /cannot be read as PNG \(.*[^:\s]\)/)
  const flipped = Buffer.from(good)
  flipped[70] ^= 0x10
  fails(flipped, /cannot be read as PNG/)
  fails(good, /20×20 is more than 100 pixels/, { maxPixels: 100 })
  const jpeg = Buffer.from(PROGRESSIVE, 'base64')
  fails(jpeg.subarray(0, 200), /cannot be read as JPEG \(cut short/)
  fails(jpeg, /cannot be read as JPEG \(maxResolution/, { maxPixels: 100 })
})

test('a decompression bomb in a PNG is refused', () => {
  const big = encodePng(
    { width: 4000, height: 4000, data: Uint8Array.from({ length: 16e6 }, (_, i) => (i * 7919) >> 5), channels: 1 },
    { zlib: { level: 0 } },
  )
  const small = Buffer.from(big)
  small.writeUInt32BE(10, 16)
  small.writeUInt32BE(10, 20)
  fails(small, /far more data than its size calls for/)
})
