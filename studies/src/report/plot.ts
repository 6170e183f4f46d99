import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { colour, paletteStyle } from './palette.ts'

/** Draws a plot without a browser and returns its SVG, for a page that defines the colours. */
export function drawPlot(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawn = Plot.plot({
    style: { fontFamily: 'ui-sans-serif, system-ui, sans-serif', fontSize: '12px', color: colour('ink') },
    width: 840,
    ...options,
    document: document as unknown as Document,
  })
  // With a title or legend Plot answers with an HTML figure; reports have titles of their own.
  const svg = drawn.tagName.toLowerCase() === 'svg' ? drawn : drawn.querySelector('svg')!
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('xmlns:xlink', 'http://www.w3.org/1999/xlink')
  return compact(svg.outerHTML)
}

/** Coordinates to a hundredth of a pixel: nobody sees more, and the files are a third smaller. */
function compact(svg: string): string {
  return svg.replace(/ (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  )
}

/** A figure as a file of its own, which has to bring its colours along. */
export function standalone(svg: string): string {
  const style = `<style>${paletteStyle('svg')}svg{background:var(--paper);color:var(--ink)}</style>`
  return `${svg.replace(/^(<svg[^>]*>)/, `$1${style}`)}\n`
}
