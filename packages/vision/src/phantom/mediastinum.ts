import { curveThrough } from './curve.ts'
import type { PhantomParameters } from './parameters.ts'
import { clamp01, ellipse, mix, smoothstep } from './shape.ts'

/**
 * The shadow of heart and great vessels: how much of the lungs' darkness it takes away at a place, 0 to 1.
 *
 * Its left border has the four bulges of the textbooks (arch of the aorta, pulmonary trunk, auricle, left ventricle), its right
 * border two (great vein, right atrium). Within it opacity grows from the border to the middle.
 */
export function mediastinumShape(parameters: PhantomParameters): (u: number, v: number) => number {
  const { mediastinum, lungs } = parameters
  const { heart, heartShift, aorta, hilum, width } = mediastinum
  const h = lungs.height
  const left = curveThrough([
    [-0.1, 0.12 + width],
    [0.16, 0.13 + width],
    [0.27, 0.14 + width + 0.12 * aorta],
    [0.36, 0.15 + width + 0.03 * aorta],
    [0.46, 0.2 + 0.05 * aorta],
    [0.58, 0.24 + 0.08 * (heart - 0.8) + heartShift],
    [0.75, 0.46 * heart + heartShift],
    [0.88, 0.6 * heart + heartShift],
    [0.96, 0.62 * heart + heartShift],
    [1.15, 0.45 * heart + heartShift],
  ])
  const right = curveThrough([
    [-0.1, 0.14 + width],
    [0.2, 0.14 + width],
    [0.5, 0.16],
    [0.62, 0.2 * heart - heartShift],
    [0.78, 0.29 * heart - heartShift],
    [0.9, 0.26 * heart - heartShift],
    [1.1, 0.18 * heart - heartShift],
  ])
  return (u, v) => {
    const share = v / h
    const border = u < 0 ? right(share) : left(share)
    const inside = border - Math.abs(u)
    const edge = 0.03
    let shadow = 0
    if (inside > -edge) {
      const depth = 0.72 + 0.28 * Math.sqrt(clamp01(inside / 0.3))
      shadow = mediastinum.heartOpacity * depth * smoothstep(-edge, edge, inside)
    }
    const root =
      u < 0
        ? ellipse(u, v, [-0.22, 0.5 * h], [0.15, 0.2], LEVEL, 0.8)
        : ellipse(u, v, [0.24, 0.46 * h], [0.14, 0.18], LEVEL, 0.8)
    return Math.max(shadow, root * hilum)
  }
}

const LEVEL: readonly [number, number] = [1, 0]

/** What the middle has more or less than the trunk: the heart before the spine, and the air in windpipe and main bronchi. */
export function centralShape({ mediastinum, lungs }: PhantomParameters): (u: number, v: number) => number {
  const h = lungs.height
  const carina = 0.36 * h
  return (u, v) => {
    const across = Math.abs(u)
    if (across > 0.5) return 0
    const heart = 0.1 * smoothstep(0.45 * h, 0.75 * h, v) * (1 - smoothstep(0.15, 0.5, across))
    let air = 0
    if (v < carina + 0.02) {
      const off = Math.abs(u + 0.02 * smoothstep(0.1 * h, carina, v))
      air =
        (1 - smoothstep(0.03, 0.08, off)) *
        mix(0.6, 1, smoothstep(-0.5, 0.1, v)) *
        (1 - smoothstep(carina - 0.06, carina + 0.02, v))
    } else if (v < carina + 0.2) {
      const down = v - carina
      const off = Math.min(Math.abs(-u - 0.03 - 0.75 * down), Math.abs(u - 0.03 - 1.1 * down))
      air = 0.5 * (1 - smoothstep(0.02, 0.06, off)) * (1 - smoothstep(carina + 0.05, carina + 0.2, v))
    }
    return heart - mediastinum.trachea * air
  }
}
