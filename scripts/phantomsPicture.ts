/** Draws docs/images/phantoms.png: a few of the chest phantoms as they are, and below each the lungs that its mask marks. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contactSheetPng, generatePhantom, overlay } from '@trainyard/vision'

const columns = 6
const phantoms = Array.from({ length: 2 * columns }, (_, index) =>
  generatePhantom(index, { width: 128, height: 128, seed: 11 }),
)
const rows = [phantoms.slice(0, columns), phantoms.slice(columns)]
const sheet = contactSheetPng(
  rows.flatMap((row) => [
    ...row.map(({ image }) => image),
    ...row.map(({ image, mask }) => overlay(image, { truth: mask }, 0.25)),
  ]),
  { columns },
)
const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/images/phantoms.png')
writeFileSync(file, sheet)
console.log(`${file}: ${Math.round(sheet.length / 1024)} KiB`)
