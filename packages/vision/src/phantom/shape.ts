/** Small functions that shapes are made of. */

export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** 0 up to `from`, 1 from `to` on, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = clamp01((value - from) / (to - from))
  return t * t * (3 - 2 * t)
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** The rise of a quarter circle: 0 at 0, 1 at 1, steep at first. */
export function arc(share: number): number {
  const rest = 1 - clamp01(share)
  return Math.sqrt(1 - rest * rest)
}

/** Inside an ellipse 1, outside 0, with an edge of the given softness (in units of its radii). */
export function ellipse(
  u: number,
  v: number,
  centre: readonly [number, number],
  radii: readonly [number, number],
  turn: readonly [cos: number, sin: number],
  softness: number,
): number {
  const du = u - centre[0]
  const dv = v - centre[1]
  const a = (turn[0] * du + turn[1] * dv) / radii[0]
  const b = (turn[0] * dv - turn[1] * du) / radii[1]
  const distance = a * a + b * b
  if (distance > (1 + softness) * (1 + softness)) return 0
  return 1 - smoothstep(1 - softness, 1 + softness, Math.sqrt(distance))
}
