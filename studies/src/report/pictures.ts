import { encodePng, type Image } from '@trainyard/vision'
import { colour } from './palette.ts'

/** A picture of a grid. */
export interface GridPicture {
  readonly image: Image
  /** Below it. */
  readonly caption?: string
}

export interface PictureGrid {
  /** Above the columns. */
  readonly heads?: readonly string[]
  readonly rows: readonly {
    /** Beside the row, line by line; the first stands out. */
    readonly label?: readonly string[]
    readonly pictures: readonly GridPicture[]
  }[]
}

const WIDTH = 840
const GAP = 10
const LABEL_WIDTH = 150
const LINE = 17

/** Draws pictures in rows and columns, as SVG with the pictures inside. */
export function drawPictures({ heads, rows }: PictureGrid): string {
  const columns = Math.max(...rows.map(({ pictures }) => pictures.length))
  const left = rows.some(({ label }) => label) ? LABEL_WIDTH : 0
  const side = Math.min(260, Math.floor((WIDTH - left - (columns - 1) * GAP) / columns))
  const captions = rows.some(({ pictures }) => pictures.some(({ caption }) => caption)) ? LINE + 4 : 0
  const top = heads ? 24 : 0
  const height = top + rows.length * (side + captions + GAP) - GAP
  const width = left + columns * (side + GAP) - GAP
  const parts: string[] = []
  const text = (x: number, y: number, content: string, style = '') =>
    parts.push(`<text x="${x}" y="${y}" fill="${colour('ink')}"${style}>${escapeXml(content)}</text>`)
  heads?.forEach((head, column) => {
    text(left + column * (side + GAP), 14, head, ' font-weight="600"')
  })
  rows.forEach(({ label = [], pictures }, row) => {
    const y = top + row * (side + captions + GAP)
    label.forEach((line, i) => {
      const style = i === 0 ? ' font-weight="600"' : ` style="fill:${colour('quiet')}"`
      text(0, y + 14 + i * LINE, line, style)
    })
    pictures.forEach(({ image, caption }, column) => {
      const x = left + column * (side + GAP)
      parts.push(
        `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${pictureAddress(image)}" preserveAspectRatio="xMidYMid meet"/>`,
      )
      if (caption) text(x, y + side + LINE - 3, caption, ` style="fill:${colour('quiet')}"`)
    })
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12">${parts.join('')}</svg>`
}

/** A picture as a PNG in a data address. */
export function pictureAddress(image: Image): string {
  return `data:image/png;base64,${Buffer.from(encodePng(image)).toString('base64')}`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
