import { cos, sin } from '../random/portable.ts'
import { Random } from '../random/random.ts'
import type { Frame } from './frame.ts'
import { drawLine, type LinePoint, roundProfile } from './layer.ts'
import type { PhantomParameters } from './parameters.ts'

/**
 * Draws the vessels of both lungs: from each root some ten branches, which grow thinner and fork on their way outwards.
 * They are drawn beyond the lungs' borders too; only lung shows them.
 */
export function drawVessels(layer: Float32Array, frame: Frame, parameters: PhantomParameters): void {
  const random = new Random(parameters.seed, 2)
  const h = parameters.lungs.height
  for (const side of [-1, 1] as const) {
    const root = { u: side * 0.24, v: (side < 0 ? 0.5 : 0.46) * h }
    for (let branch = 0; branch < 11; branch++) {
      const angle = -1.35 + (branch / 10) * 2.75 + random.uniform(-0.12, 0.12)
      const from = { u: root.u + random.uniform(-0.05, 0.05), v: root.v + 0.1 * angle + random.uniform(-0.05, 0.05) }
      grow(layer, frame, parameters.lungs.vessels, random, side, from, angle, random.uniform(0.014, 0.026), 0)
    }
  }
}

/** One branch: short steps whose direction wanders, with a chance to fork at each. Angle 0 points outwards, growing downwards. */
function grow(
  layer: Float32Array,
  frame: Frame,
  strength: number,
  random: Random,
  side: -1 | 1,
  from: { u: number; v: number },
  angle: number,
  radius: number,
  depth: number,
): void {
  const points: LinePoint[] = [{ ...from, radius }]
  let { u, v } = from
  for (let step = 0; step < 9 && radius > 0.0035; step++) {
    angle += random.uniform(-0.3, 0.3) + (depth === 0 ? 0.035 * (angle > 0 ? 1 : -1) : 0)
    const length = random.uniform(0.055, 0.1)
    u += side * cos(angle) * length
    v += sin(angle) * length
    radius *= random.uniform(0.78, 0.9)
    points.push({ u, v, radius })
    if (depth < 3 && step > 0 && random.chance(0.42)) {
      const turn = random.uniform(0.35, 0.8) * (random.chance(0.5) ? 1 : -1)
      grow(layer, frame, strength, random, side, { u, v }, angle + turn, radius * random.uniform(0.6, 0.85), depth + 1)
    }
  }
  drawLine(layer, frame, points, strength * (0.4 + 14 * points[0].radius), roundProfile)
}
