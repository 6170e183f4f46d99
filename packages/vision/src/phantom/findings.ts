import type { LungDepth } from './lungs.ts'
import type { PhantomParameters } from './parameters.ts'
import { clamp01, smoothstep } from './shape.ts'
import { fractalNoise } from './texture.ts'

/**
 * How much of a lung's darkness disease takes away at a place: clouds of consolidation, a veil over the whole lung, fluid from
 * below. The mask does not change: a filled lung is still lung.
 */
export function findingsShape(
  parameters: PhantomParameters,
  side: -1 | 1,
): (u: number, v: number, depth: LungDepth, across: number) => number {
  const { findings, lungs, seed } = parameters
  const name = side < 0 ? 'right' : 'left'
  const clouds = findings.opacities.filter((cloud) => cloud.side === side)
  return (u, v, { base }, across) => {
    let clear = 1 - findings.haze[name]
    for (const cloud of clouds) {
      const du = (across - cloud.across) / (cloud.radius * 1.1)
      const dv = (v / lungs.height - cloud.down) / (cloud.radius * 0.8)
      const distance = du * du + dv * dv
      if (distance > 2.6) continue
      const ragged = 1.15 - distance + 1.1 * fractalNoise(u * 6, v * 6, seed + 57, 3, 0.6)
      clear *= 1 - cloud.strength * smoothstep(0, 1, clamp01(ragged))
    }
    const level = findings.effusion[name] * lungs.height
    if (level > 0) clear *= 1 - 0.9 * smoothstep(0.15, -0.1, base - level * (0.6 + 0.5 * across * across))
    return 1 - clear
  }
}
