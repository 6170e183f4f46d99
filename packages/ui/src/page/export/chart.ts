/** Charts as files: what is on screen, drawn anew as SVG, so that a picture is sharp at any size. */
import { linesToCsv } from '../charts/csv.ts'
import { lightPicture, type Picture, svg } from '../charts/svg.ts'
import type { ChartHandle } from '../workspace/panels/handle.ts'
import { save } from './save.ts'

type Shown = ReturnType<ChartHandle['picture']>

export const chartSvg = (shown: Shown, part: Partial<Picture> = {}): string =>
  svg({ ...shown, width: 960, height: 480, colors: lightPicture, legend: 30, ...part })

export function exportSvg(shown: Shown): void {
  save(`${shown.title}.svg`, chartSvg(shown), 'image/svg+xml')
}

export function exportCsv(shown: Shown): void {
  save(`${shown.title}.csv`, linesToCsv(shown.lines, shown.xLabel, shown.title), 'text/csv')
}

export async function exportPng(shown: Shown): Promise<void> {
  save(`${shown.title}.png`, await rasterise(chartSvg(shown), 2))
}

/** Draws an SVG picture into a PNG. */
export async function rasterise(text: string, scale: number): Promise<Blob> {
  const image = new Image()
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  try {
    await new Promise<void>((resolve, reject) => {
      image.onload = () => resolve()
      image.onerror = () => reject(new Error('The picture could not be drawn.'))
      image.src = url
    })
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * scale
    canvas.height = image.naturalHeight * scale
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))), 'image/png'),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}
