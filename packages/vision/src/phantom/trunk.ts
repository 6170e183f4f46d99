import { curveThrough } from './curve.ts'
import type { PhantomParameters } from './parameters.ts'
import { clamp01, ellipse, mix, smoothstep } from './shape.ts'
import { fractalNoise } from './texture.ts'

/** The attenuation of the trunk's soft tissue at a place, as if there were neither lungs nor bones: 1 in the middle. */
export function trunkShape(parameters: PhantomParameters): (u: number, v: number) => number {
  const { trunk, lungs, seed } = parameters
  const h = lungs.height
  const wall = 1 + trunk.wall
  const halfWidth = curveThrough([
    [-1.1, trunk.neck + 0.12],
    [-0.62, trunk.neck],
    [-0.42, trunk.neck + 0.12],
    [-0.22, mix(trunk.neck, trunk.shoulder, 0.62)],
    [0, trunk.shoulder],
    [0.22, mix(wall, trunk.shoulder, 0.75)],
    [0.5, wall * 1.04],
    [0.75 * h, wall],
    [1.5 * h, wall * 0.95],
  ])
  const thickness = curveThrough([
    [-0.7, 0.62],
    [-0.3, 0.75],
    [0.1, 0.92],
    [0.4 * h, 1],
  ])
  return (u, v) => {
    const across = Math.abs(u) / halfWidth(v)
    // Flatter than an ellipse: a chest is a rounded box.
    const round = across < 1 ? Math.sqrt(1 - across * across * across) * thickness(v) : 0
    const limb = arm(u, v)
    const tissue = Math.max(round, limb, 0.5 * (round + limb))
    if (tissue <= 0.02) return tissue
    // Fat is darker than muscle: coarse folds everywhere, most of them near the skin.
    const uneven = fractalNoise(u * 2.2, v * 2.2, seed + 71, 4, 0.6)
    return tissue * (1 + trunk.texture * uneven * (1.3 - tissue))
  }

  /** An arm hangs from the shoulder, more or less away from the chest; raised arms are out of the picture. */
  function arm(u: number, v: number): number {
    if (trunk.arms > 0.85 || v < -0.2) return 0
    const along = clamp01((v + 0.1) / (2 * h))
    const middle = mix(trunk.shoulder - 0.16, trunk.shoulder + 1.4 * trunk.arms, along)
    const across = (Math.abs(u) - middle) / 0.3
    return across > -1 && across < 1 ? 0.6 * Math.sqrt(1 - across * across) * smoothstep(-0.2, 0.05, v) : 0
  }
}

/** What lies below the domes: denser than the chest, with gas in stomach and bowel. Added to the trunk. */
export function abdomenShape(parameters: PhantomParameters): (u: number, v: number, belowDome: number) => number {
  const { trunk, lungs, seed } = parameters
  const pockets = gasPockets(parameters)
  const start = 0.85 * lungs.height
  return (u, v, belowDome) => {
    if (v < start) return 0
    const below = smoothstep(-0.05, 0.6, belowDome)
    let sum = below * (trunk.abdomen + 0.6 * trunk.texture * fractalNoise(u * 4, v * 4, seed + 73, 3, 0.7))
    if (trunk.gas > 0)
      for (const { centre, radii } of pockets) sum -= trunk.gas * ellipse(u, v, centre, radii, [1, 0], 0.35)
    return sum
  }
}

/** The bubble of the stomach below the left dome, and a few loops of bowel. */
function gasPockets({ lungs, seed }: PhantomParameters): { centre: [number, number]; radii: [number, number] }[] {
  const h = lungs.height
  const part = (index: number) => ((seed >>> (4 * (index & 7))) & 15) / 15
  const bowel = Array.from({ length: 2 + Math.floor(4 * part(6)) }, (_, index) => ({
    centre: [-0.6 + 0.25 * index + 0.3 * part(index), h * (1.22 + 0.3 * part(index + 3))] as [number, number],
    radii: [0.05 + 0.08 * part(index + 1), 0.04 + 0.06 * part(index + 2)] as [number, number],
  }))
  return [
    {
      centre: [0.36 + 0.2 * part(0), h * (1.1 + 0.1 * part(1))],
      radii: [0.12 + 0.12 * part(2), 0.07 + 0.08 * part(3)],
    },
    ...bowel,
  ]
}

/** Breasts: two wide shadows over the lower lungs, with an edge below. */
export function breastShape({ trunk, lungs }: PhantomParameters): (u: number, v: number) => number {
  const centreV = lungs.height * 0.78
  return (u, v) => {
    if (trunk.breasts <= 0) return 0
    const du = (Math.abs(u) - 0.62) / 0.55
    const dv = (v - centreV) / (v > centreV ? 0.4 : 0.8)
    const distance = du * du + dv * dv
    return distance < 1 ? trunk.breasts * Math.sqrt(1 - distance) : 0
  }
}
