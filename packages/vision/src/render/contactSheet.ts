import { fitTo } from '../image/fit.ts'
import { createImage, type Image, withChannels } from '../image/image.ts'

/** How a contact sheet is laid out. */
export interface SheetOptions {
  /** Pictures in a row; as many as make the sheet about square by default. */
  columns?: number
  /** Pixels of a cell's sides; the largest picture's by default. */
  cell?: number
  /** Pixels between cells. */
  gap?: number
  /** The shade between cells, 0..1. */
  background?: number
}

/**
 * Puts pictures of any sizes side by side on one sheet, row by row, each fitted into a square cell.
 *
 * @returns A colour picture where one of them is, otherwise a grey one.
 * @throws `RangeError` for no pictures at all.
 * @example
 * ```ts
 * const films = [0, 1, 2].map((index) => generatePhantom(index, { width: 64, height: 64 }))
 * const marked = films.map(({ image, mask }) => overlay(image, { truth: mask }))
 * const png = encodePng(contactSheet(marked, { columns: 3, cell: 128 }))
 * ```
 */
export function contactSheet(images: readonly Image[], options: SheetOptions = {}): Image {
  if (images.length === 0) throw new RangeError('contactSheet: no pictures to put on it')
  const columns = Math.min(images.length, options.columns ?? Math.ceil(Math.sqrt(images.length)))
  const cell = options.cell ?? Math.max(...images.map(({ width, height }) => Math.max(width, height)))
  const gap = options.gap ?? 2
  const rows = Math.ceil(images.length / columns)
  const channels = images.some((image) => image.channels === 3) ? 3 : 1
  const sheet = createImage(columns * (cell + gap) + gap, rows * (cell + gap) + gap, channels)
  sheet.data.fill(options.background ?? 0.1)
  images.forEach((image, index) => {
    const left = gap + (index % columns) * (cell + gap)
    const top = gap + Math.floor(index / columns) * (cell + gap)
    const { image: fitted } = fitTo(withChannels(image, channels), cell, cell)
    for (let row = 0; row < cell; row++)
      sheet.data.set(
        fitted.data.subarray(row * cell * channels, (row + 1) * cell * channels),
        ((top + row) * sheet.width + left) * channels,
      )
  })
  return sheet
}
