/** Draws lines with their bands on a canvas. */
import type { Line } from './line.ts'

export interface Plane {
  /** Device pixels. */
  left: number
  top: number
  width: number
  height: number
  x(value: number): number
  y(value: number): number
  /** Device pixels for each CSS pixel. */
  ratio: number
}

export interface PaintOptions {
  showRange: boolean
  /** The others are faded while one is pointed at. */
  highlighted: ReadonlySet<string> | null
  lineWidth: number
  logX: boolean
  logY: boolean
}

type Values = readonly (number | null)[]
type Axes = Pick<PaintOptions, 'logX' | 'logY'>

/** Calls back for each stretch of line without a gap: index of its first point and of the one behind its last. */
export function stretches(
  x: readonly number[],
  y: Values,
  { logX, logY }: Axes,
  each: (from: number, to: number) => void,
): void {
  let from = -1
  for (let i = 0; i < x.length; i++) {
    const value = y[i]
    const drawable = value !== null && value !== undefined && !(logY && value <= 0) && !(logX && x[i] <= 0)
    if (drawable && from < 0) from = i
    if (!drawable && from >= 0) {
      each(from, i)
      from = -1
    }
  }
  if (from >= 0) each(from, x.length)
}

function trace(context: CanvasRenderingContext2D, plane: Plane, line: Line, y: Values, axes: Axes): void {
  context.beginPath()
  stretches(line.x, y, axes, (from, to) => {
    context.moveTo(plane.x(line.x[from]), plane.y(y[from]!))
    // A single point between gaps would be invisible.
    if (to - from === 1) context.lineTo(plane.x(line.x[from]) + 0.5, plane.y(y[from]!))
    for (let i = from + 1; i < to; i++) context.lineTo(plane.x(line.x[i]), plane.y(y[i]!))
  })
  context.stroke()
}

function fill(context: CanvasRenderingContext2D, plane: Plane, line: Line, axes: Axes): void {
  const { low, high } = line
  if (!low || !high) return
  const both = low.map((value, i) => (value === null || high[i] === null ? null : value))
  context.beginPath()
  stretches(line.x, both, axes, (from, to) => {
    context.moveTo(plane.x(line.x[from]), plane.y(high[from]!))
    for (let i = from + 1; i < to; i++) context.lineTo(plane.x(line.x[i]), plane.y(high[i]!))
    for (let i = to - 1; i >= from; i--) context.lineTo(plane.x(line.x[i]), plane.y(low[i]!))
    context.closePath()
  })
  context.fill()
}

/** Few points on screen are shown as such. */
function isSparse(plane: Plane, line: Line): boolean {
  let inside = 0
  const most = plane.width / plane.ratio / 14
  for (const x of line.x) {
    const at = plane.x(x)
    if (at >= plane.left && at <= plane.left + plane.width && ++inside > most) return false
  }
  return true
}

function dots(context: CanvasRenderingContext2D, plane: Plane, line: Line, { logX, logY }: Axes): void {
  context.setLineDash([])
  for (let i = 0; i < line.x.length; i++) {
    const y = line.y[i]
    if (y === null || (logX && line.x[i] <= 0) || (logY && y <= 0)) continue
    context.beginPath()
    context.arc(plane.x(line.x[i]), plane.y(y), 2.2 * plane.ratio, 0, 2 * Math.PI)
    context.fill()
  }
}

export function paint(
  context: CanvasRenderingContext2D,
  plane: Plane,
  lines: readonly Line[],
  options: PaintOptions,
): void {
  context.save()
  context.beginPath()
  context.rect(plane.left, plane.top, plane.width, plane.height)
  context.clip()
  context.lineJoin = 'round'
  context.lineCap = 'round'
  const isFaded = (line: Line) => options.highlighted !== null && !options.highlighted.has(line.key)
  const order = [...lines].sort((a, b) => Number(isFaded(b)) - Number(isFaded(a)))
  if (options.showRange)
    for (const line of order) {
      context.globalAlpha = isFaded(line) ? 0.03 : lines.length > 12 ? 0.08 : 0.14
      context.fillStyle = line.color
      fill(context, plane, line, options)
    }
  for (const line of order) {
    const faded = isFaded(line)
    context.strokeStyle = line.color
    context.fillStyle = line.color
    if (line.raw && options.showRange) {
      context.globalAlpha = faded ? 0.08 : 0.28
      context.lineWidth = plane.ratio
      context.setLineDash([])
      trace(context, plane, line, line.raw, options)
    }
    context.globalAlpha = faded ? 0.22 : 1
    context.lineWidth = options.lineWidth * plane.ratio
    context.setLineDash((line.dash ?? []).map((length) => length * plane.ratio))
    trace(context, plane, line, line.y, options)
    if (isSparse(plane, line)) dots(context, plane, line, options)
  }
  context.restore()
}
