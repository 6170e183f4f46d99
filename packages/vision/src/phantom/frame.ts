import { cos, sin } from '../random/portable.ts'
import type { PhantomParameters } from './parameters.ts'

/** The way from pixels to places in the body and back. */
export interface Frame {
  width: number
  height: number
  /** Pixels per unit of body length. */
  scale: number
  u(x: number, y: number): number
  v(x: number, y: number): number
  x(u: number, v: number): number
  y(u: number, v: number): number
}

/** The picture's shorter side is the unit of the frame's parameters, so a wider picture shows more at its sides. */
export function frameOf({ frame }: PhantomParameters, width: number, height: number): Frame {
  const side = Math.min(width, height)
  const scale = frame.scale * side
  const c = cos(frame.rotation)
  const s = sin(frame.rotation)
  const centreX = width / 2 + (frame.centreX - 0.5) * side
  const top = height / 2 + (frame.top - 0.5) * side
  return {
    width,
    height,
    scale,
    u: (x, y) => (c * (x - centreX) + s * (y - top)) / scale,
    v: (x, y) => (c * (y - top) - s * (x - centreX)) / scale,
    x: (u, v) => centreX + scale * (c * u - s * v),
    y: (u, v) => top + scale * (s * u + c * v),
  }
}
