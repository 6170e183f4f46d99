import type { Frame } from './frame.ts'
import { clamp01 } from './shape.ts'

/** A point of a line in the body, with the line's radius there. */
export interface LinePoint {
  u: number
  v: number
  radius: number
  /** How strong the line is here; 1 by default. */
  weight?: number
}

/** How bright a line is across: from 0 in its middle to 1 at its edge. */
export type LineProfile = (across: number) => number

/** A round body, such as a vessel: the way of a ray through a cylinder. */
export const roundProfile: LineProfile = (across) => Math.sqrt(Math.max(0, 1 - across * across))
/** A bone: a shell that is denser than its inside. */
export const boneProfile: LineProfile = (across) => 0.72 + 0.28 * clamp01((across - 0.35) / 0.4)
/** A band. */
export const flatProfile: LineProfile = () => 1

/**
 * Draws a line of varying thickness into a layer. Where it meets what is there already, the greater of the two stays, so that
 * a line does not thicken where its own pieces overlap.
 */
export function drawLine(
  layer: Float32Array,
  frame: Frame,
  points: readonly LinePoint[],
  strength: number,
  profile: LineProfile,
): void {
  for (let index = 0; index + 1 < points.length; index++)
    drawPiece(layer, frame, points[index], points[index + 1], strength, profile)
}

function drawPiece(
  layer: Float32Array,
  frame: Frame,
  from: LinePoint,
  to: LinePoint,
  strength: number,
  profile: LineProfile,
): void {
  const { width, height, scale } = frame
  const x0 = frame.x(from.u, from.v)
  const y0 = frame.y(from.u, from.v)
  const dx = frame.x(to.u, to.v) - x0
  const dy = frame.y(to.u, to.v) - y0
  const length = dx * dx + dy * dy
  const r0 = from.radius * scale
  const r1 = to.radius * scale
  const reach = Math.max(r0, r1) + 1
  const w0 = from.weight ?? 1
  const w1 = to.weight ?? 1
  const left = Math.max(0, Math.floor(Math.min(x0, x0 + dx) - reach))
  const right = Math.min(width - 1, Math.ceil(Math.max(x0, x0 + dx) + reach))
  const top = Math.max(0, Math.floor(Math.min(y0, y0 + dy) - reach))
  const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y0 + dy) + reach))
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0
      const py = y + 0.5 - y0
      const along = length > 0 ? clamp01((px * dx + py * dy) / length) : 0
      const ex = px - along * dx
      const ey = py - along * dy
      const radius = r0 + (r1 - r0) * along
      const distance = Math.sqrt(ex * ex + ey * ey)
      if (distance > radius + 0.5) continue
      // A line thinner than a pixel covers only part of it.
      const coverage = radius < 0.5 ? 2 * radius * clamp01(1 - distance) : clamp01(radius + 0.5 - distance)
      const value =
        strength * (w0 + (w1 - w0) * along) * coverage * profile(radius > 0 ? Math.min(1, distance / radius) : 0)
      const at = y * width + x
      if (value > layer[at]) layer[at] = value
    }
}

/** Points along a smooth curve through the given ones (Catmull and Rom, 1974), `steps` between each two. */
export function smoothLine(points: readonly LinePoint[], steps = 8): LinePoint[] {
  const line: LinePoint[] = []
  for (let index = 0; index + 1 < points.length; index++) {
    const [a, b, c, d] = [
      points[Math.max(0, index - 1)],
      points[index],
      points[index + 1],
      points[Math.min(points.length - 1, index + 2)],
    ]
    for (let step = 0; step < steps; step++) {
      const t = step / steps
      const curve = (key: 'u' | 'v') =>
        0.5 *
        (2 * b[key] +
          (c[key] - a[key]) * t +
          (2 * a[key] - 5 * b[key] + 4 * c[key] - d[key]) * t * t +
          (3 * b[key] - a[key] - 3 * c[key] + d[key]) * t * t * t)
      line.push({ u: curve('u'), v: curve('v'), radius: b.radius + (c.radius - b.radius) * t })
    }
  }
  line.push(points[points.length - 1])
  return line
}
