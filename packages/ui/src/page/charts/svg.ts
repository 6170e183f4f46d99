/** A line chart as an SVG picture: for export and for reports. Pure, so that it also runs where there is no page. */
import { hash } from '../design/palette.ts'
import type { Bounds, Line, XKind } from './line.ts'
import { stretches } from './paint.ts'
import { ticks } from './ticks.ts'

export interface Picture {
  title: string
  lines: readonly Line[]
  bounds: Bounds | null
  xKind: XKind
  xLabel: string
  logX: boolean
  logY: boolean
  showRange: boolean
  width: number
  height: number
  colors: { ground: string; ink: string; faint: string; grid: string; axis: string }
  /** Names below the chart, at most so many. */
  legend: number
}

export const lightPicture = { ground: '#ffffff', ink: '#15181d', faint: '#606874', grid: '#eceef1', axis: '#c8cdd4' }

export const escapeXml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them, even escaped
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

const round = (value: number) => Math.round(value * 10) / 10

export function svg(picture: Picture): string {
  const { width, bounds, colors, lines, logX, logY } = picture
  const font = `font-family="-apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"`
  const shown = lines.slice(0, picture.legend)
  const legend = legendRows(shown, width - 24)
  const height = picture.height + legend.height
  const area = { left: 56, top: picture.title ? 34 : 12, right: width - 14, bottom: picture.height - 34 }
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font} font-size="11">`,
    `<rect width="${width}" height="${height}" fill="${colors.ground}"/>`,
  ]
  if (picture.title)
    out.push(
      `<text x="12" y="20" font-size="13" font-weight="600" fill="${colors.ink}">${escapeXml(picture.title)}</text>`,
    )
  if (!bounds) {
    out.push(
      `<text x="${width / 2}" y="${picture.height / 2}" text-anchor="middle" fill="${colors.faint}">no points</text></svg>`,
    )
    return out.join('\n')
  }
  const scale = (log: boolean, [min, max]: [number, number], from: number, to: number) => {
    const f = log ? Math.log10 : (value: number) => value
    return (value: number) => round(from + ((f(value) - f(min)) / (f(max) - f(min))) * (to - from))
  }
  const x = scale(logX, bounds.x, area.left, area.right)
  // Several pictures may stand in one page.
  const clip = `area-${hash(`${picture.title} ${width} ${picture.height}`).toString(36)}`
  const y = scale(logY, bounds.y, area.bottom, area.top)
  for (const { at, text } of ticks('number', logY, ...bounds.y, Math.max(2, (area.bottom - area.top) / 45))) {
    if (!text) continue
    out.push(
      `<line x1="${area.left}" x2="${area.right}" y1="${y(at)}" y2="${y(at)}" stroke="${colors.grid}"/>`,
      `<text x="${area.left - 7}" y="${y(at) + 3.5}" text-anchor="end" fill="${colors.faint}">${text}</text>`,
    )
  }
  out.push(
    `<line x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}" stroke="${colors.axis}"/>`,
  )
  for (const { at, text } of ticks(picture.xKind, logX, ...bounds.x, Math.max(2, (area.right - area.left) / 90)))
    if (text)
      out.push(`<text x="${x(at)}" y="${area.bottom + 16}" text-anchor="middle" fill="${colors.faint}">${text}</text>`)
  out.push(
    `<text x="${area.right}" y="${area.bottom + 30}" text-anchor="end" fill="${colors.faint}">${escapeXml(picture.xLabel)}</text>`,
    `<clipPath id="${clip}"><rect x="${area.left}" y="${area.top}" width="${area.right - area.left}" height="${area.bottom - area.top}"/></clipPath>`,
    `<g clip-path="url(#${clip})" fill="none" stroke-linejoin="round" stroke-linecap="round">`,
  )
  for (const line of lines) if (picture.showRange) out.push(...band(line, x, y, { logX, logY }))
  for (const line of lines) {
    if (picture.showRange && line.raw) out.push(path(line, line.raw, x, y, { logX, logY }, 'opacity="0.28"'))
    out.push(path(line, line.y, x, y, { logX, logY }, 'stroke-width="1.6"'))
  }
  out.push('</g>')
  for (const { at, top, text, color } of legend.items)
    out.push(
      `<rect x="${12 + at}" y="${picture.height + top - 8}" width="10" height="3" rx="1.5" fill="${color}"/>`,
      `<text x="${12 + at + 15}" y="${picture.height + top - 3}" fill="${colors.ink}">${escapeXml(text)}</text>`,
    )
  if (lines.length > shown.length)
    out.push(`<text x="12" y="${height - 6}" fill="${colors.faint}">and ${lines.length - shown.length} more</text>`)
  out.push('</svg>')
  return out.join('\n')
}

type Scale = (value: number) => number
type Axes = { logX: boolean; logY: boolean }

function path(
  line: Line,
  values: readonly (number | null)[],
  x: Scale,
  y: Scale,
  axes: Axes,
  attributes: string,
): string {
  const parts: string[] = []
  const alone: string[] = []
  stretches(line.x, values, axes, (from, to) => {
    if (to - from === 1) {
      alone.push(
        `<circle cx="${x(line.x[from])}" cy="${y(values[from]!)}" r="2.5" fill="${line.color}" stroke="none" ${attributes}/>`,
      )
      return
    }
    parts.push(`M${x(line.x[from])} ${y(values[from]!)}`)
    for (let i = from + 1; i < to; i++) parts.push(`L${x(line.x[i])} ${y(values[i]!)}`)
  })
  const dash = line.dash?.length ? ` stroke-dasharray="${line.dash.join(' ')}"` : ''
  const drawn = parts.length > 0 ? `<path d="${parts.join('')}" stroke="${line.color}" ${attributes}${dash}/>` : ''
  return drawn + alone.join('')
}

function band(line: Line, x: Scale, y: Scale, axes: Axes): string[] {
  const { low, high } = line
  if (!low || !high) return []
  const parts: string[] = []
  const both = low.map((value, i) => (value === null || high[i] === null ? null : value))
  stretches(line.x, both, axes, (from, to) => {
    parts.push(`M${x(line.x[from])} ${y(high[from]!)}`)
    for (let i = from + 1; i < to; i++) parts.push(`L${x(line.x[i])} ${y(high[i]!)}`)
    for (let i = to - 1; i >= from; i--) parts.push(`L${x(line.x[i])} ${y(low[i]!)}`)
    parts.push('Z')
  })
  return [`<path d="${parts.join('')}" fill="${line.color}" fill-opacity="0.14" stroke="none"/>`]
}

/** Without a page nobody knows how wide text is: 6.1 px a character is near enough for a legend. */
function legendRows(lines: readonly Line[], width: number) {
  const items: { at: number; top: number; text: string; color: string }[] = []
  let at = 0
  let row = 0
  for (const { label, color } of lines) {
    const text = label.length > 48 ? `${label.slice(0, 47)}…` : label
    const wide = 30 + 6.1 * text.length
    if (at > 0 && at + wide > width) {
      at = 0
      row++
    }
    items.push({ at, top: 14 + row * 17, text, color })
    at += wide
  }
  return { items, height: lines.length === 0 ? 0 : 24 + row * 17 }
}
