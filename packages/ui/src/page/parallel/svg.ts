/** Parallel coordinates as an SVG picture. */
import { escapeXml } from '../charts/svg.ts'
import { type Axis, axisTicks } from './axis.ts'
import { axisX, axisY, type Frame } from './geometry.ts'

export interface ParallelPicture {
  title: string
  axes: readonly Axis[]
  labels: readonly string[]
  /** shares[axis][line] */
  shares: readonly Float32Array[]
  mask: Uint8Array
  color(line: number): string
  width: number
  height: number
}

const round = (value: number) => Math.round(value * 10) / 10

export function parallelSvg({ title, axes, labels, shares, mask, color, width, height }: ParallelPicture): string {
  const frame: Frame = { width, height, left: 70, right: 90, top: 74, bottom: 24 }
  const xs = axes.map((_, i) => axisX(frame, i, axes.length))
  const ys = axes.map((axis, i) => Array.from(shares[i], (share) => round(axisY(frame, share, axis.missing > 0))))
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="-apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="24" font-size="14" font-weight="600" fill="#15181d">${escapeXml(title)}</text>`,
    '<g fill="none" stroke-width="1.1" stroke-opacity="0.6">',
  ]
  const count = mask.length
  for (let line = 0; line < count; line++) {
    if (!mask[line] || axes.length < 2) continue
    let path = `M${round(xs[0])} ${ys[0][line]}`
    for (let i = 1; i < axes.length; i++) {
      const bend = round((xs[i] - xs[i - 1]) * 0.4)
      path += `C${round(xs[i - 1] + bend)} ${ys[i - 1][line]} ${round(xs[i] - bend)} ${ys[i][line]} ${round(xs[i])} ${ys[i][line]}`
    }
    out.push(`<path d="${path}" stroke="${escapeXml(color(line))}"/>`)
  }
  out.push('</g>')
  axes.forEach((axis, i) => {
    const x = round(xs[i])
    out.push(`<line x1="${x}" x2="${x}" y1="${frame.top}" y2="${height - frame.bottom}" stroke="#474e59"/>`)
    out.push(
      `<text x="${x}" y="${frame.top - 14}" text-anchor="middle" font-weight="600" fill="#15181d">${escapeXml(labels[i])}</text>`,
    )
    for (const { at, text } of axisTicks(axis, 6)) {
      const along = axis.log
        ? Math.log(at / axis.domain[0]) / Math.log(axis.domain[1] / axis.domain[0])
        : (at - axis.domain[0]) / (axis.domain[1] - axis.domain[0])
      if (!text || along < -0.001 || along > 1.001) continue
      const y = round(axisY(frame, axis.flip ? 1 - along : along, axis.missing > 0))
      out.push(`<line x1="${x - 3}" x2="${x}" y1="${y}" y2="${y}" stroke="#474e59"/>`)
      out.push(
        `<text x="${x - 6}" y="${y + 3.5}" text-anchor="end" fill="#474e59" stroke="#fff" stroke-width="3" paint-order="stroke">${escapeXml(text)}</text>`,
      )
    }
  })
  out.push('</svg>')
  return out.join('\n')
}
