/** Where axes stand, and which line is under the pointer. */
export interface Frame {
  width: number
  height: number
  left: number
  right: number
  top: number
  bottom: number
}

/** Below each axis is a place for what has no value. */
export const missingGap = 16

export const axisX = (frame: Frame, index: number, count: number): number =>
  count === 1
    ? (frame.left + frame.width - frame.right) / 2
    : frame.left + ((frame.width - frame.left - frame.right) * index) / (count - 1)

/** CSS pixels from the top for a share along an axis. */
export function axisY(frame: Frame, share: number, hasMissing: boolean): number {
  const foot = frame.height - frame.bottom - (hasMissing ? missingGap : 0)
  if (Number.isNaN(share)) return frame.height - frame.bottom
  return foot - (foot - frame.top) * Math.min(1.02, Math.max(-0.02, share))
}

/** Share along an axis for a height in CSS pixels. */
export function shareAt(frame: Frame, y: number, hasMissing: boolean): number {
  const foot = frame.height - frame.bottom - (hasMissing ? missingGap : 0)
  return (foot - y) / (foot - frame.top)
}

/** Which place an axis takes that is dragged to x. */
export function placeAt(frame: Frame, x: number, count: number): number {
  const span = frame.width - frame.left - frame.right
  return Math.max(0, Math.min(count - 1, Math.round(((x - frame.left) / Math.max(1, span)) * (count - 1))))
}

/**
 * The line nearest to a point, at most `reach` pixels away; −1 for none. `heights[axis][line]` are in pixels. Lines are straight between two
 * axes, so one interpolation a line decides.
 */
export function lineAt(
  xs: readonly number[],
  heights: readonly Float32Array[],
  x: number,
  y: number,
  mask: Uint8Array,
  reach = 12,
): number {
  let segment = 0
  while (segment < xs.length - 2 && x > xs[segment + 1]) segment++
  if (xs.length < 2 || x < xs[0] - reach || x > xs[xs.length - 1] + reach) return -1
  const along = Math.min(1, Math.max(0, (x - xs[segment]) / (xs[segment + 1] - xs[segment])))
  const from = heights[segment]
  const to = heights[segment + 1]
  const run = xs[segment + 1] - xs[segment]
  let found = -1
  let nearest = reach
  for (let i = 0; i < from.length; i++) {
    if (!mask[i]) continue
    // Vertical distance, corrected by the slope: the true distance of a point from a line.
    const rise = to[i] - from[i]
    const away = (Math.abs(from[i] + rise * along - y) * run) / Math.hypot(run, rise)
    if (away < nearest) {
      nearest = away
      found = i
    }
  }
  return found
}
