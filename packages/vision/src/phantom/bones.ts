import { sin } from '../random/portable.ts'
import type { Frame } from './frame.ts'
import { boneProfile, drawLine, flatProfile, type LinePoint, smoothLine } from './layer.ts'
import type { PhantomParameters } from './parameters.ts'
import { clamp01, mix, smoothstep } from './shape.ts'
import { valueNoise } from './texture.ts'

type Wall = (v: number) => number

/**
 * Draws ribs, collar bones and shoulder blades.
 *
 * A rib runs round the wall of the chest, from the spine at the back, ever lower, over the side to the front. Seen from the
 * front this one curve gives both its parts: the clear back one, nearly level, and the faint front one, steep.
 *
 * @param wall How far from the middle the wall of the chest is, by height, for the right and the left side.
 */
export function drawBones(
  layer: Float32Array,
  frame: Frame,
  parameters: PhantomParameters,
  right: Wall,
  left: Wall,
): void {
  const { bones, lungs } = parameters
  for (const side of [-1, 1] as const) {
    const wall = side < 0 ? right : left
    if (bones.ribs > 0) {
      const back = new Float32Array(layer.length)
      const front = new Float32Array(layer.length)
      for (let rib = 0; rib < 11; rib++) drawRib(back, front, frame, parameters, wall, side, rib)
      for (let at = 0; at < layer.length; at++) layer[at] += back[at] + front[at]
    }
    const over = new Float32Array(layer.length)
    drawLine(over, frame, clavicle(parameters, side), bones.clavicles, boneProfile)
    drawLine(over, frame, shoulderBlade(parameters, side), bones.scapulae * 0.5, flatProfile)
    const head = { u: side * (parameters.trunk.shoulder - 0.2), v: 0.06 * lungs.height, radius: 0.15 }
    drawLine(over, frame, [head, { ...head, v: head.v + 0.05 }], bones.scapulae, boneProfile)
    const arm = parameters.trunk.arms
    if (arm < 0.85)
      drawLine(
        over,
        frame,
        [head, { u: head.u + side * (0.05 + 0.9 * arm), v: 1.6, radius: 0.07 }],
        bones.scapulae * 1.2,
        boneProfile,
      )
    for (let at = 0; at < layer.length; at++) layer[at] += over[at]
  }
}

function drawRib(
  back: Float32Array,
  front: Float32Array,
  frame: Frame,
  { bones, lungs, seed }: PhantomParameters,
  wall: Wall,
  side: -1 | 1,
  rib: number,
): void {
  const h = lungs.height
  const start = h * (-0.1 + 0.108 * rib) + 0.012 * valueNoise(rib * 1.7, side, seed + 7)
  const fall = h * bones.ribFall * (0.6 + 0.05 * rib)
  const wide = bones.ribWidth * (rib === 0 ? 1.25 : 1)
  const backPoints: LinePoint[] = []
  const frontPoints: LinePoint[] = []
  // The lowest ribs end at the side; the others go on to the front.
  const last = rib > 7 ? 1 : 1.5
  for (let step = 0; step <= 26; step++) {
    const way = (step / 26) * last
    const sine = sin((way * Math.PI) / 2)
    // The back part rises a little from the spine, then falls ever faster towards the side; the front part falls steadily.
    const down = way < 1 ? way * way * (0.35 + 0.25 * way) : 0.6 + 0.8 * (way - 1)
    const v = start + fall * down - 0.035 * h * sin(Math.PI * Math.min(1, 1.4 * way))
    const outer = Math.max(0.3, wall(Math.max(0.02, v)) + 0.02)
    const u = side * (0.08 + (outer - 0.08) * sine)
    // Seen edge-on at the side, a rib is a thin plate.
    const point = { u, v, radius: wide * (0.8 + 0.2 * sine), weight: 1 - 0.45 * smoothstep(0.7, 1, sine) }
    if (way <= 1.03) backPoints.push(point)
    if (way >= 0.97)
      frontPoints.push({ ...point, radius: wide * 1.12, weight: point.weight * (1 - smoothstep(1.25, 1.5, way)) })
  }
  drawLine(back, frame, backPoints, bones.ribs, boneProfile)
  if (frontPoints.length > 1) drawLine(front, frame, frontPoints, bones.ribs * 0.6, boneProfile)
}

function clavicle({ bones, lungs }: PhantomParameters, side: -1 | 1): LinePoint[] {
  const v = bones.clavicleHeight * lungs.height
  return smoothLine([
    { u: side * 0.1, v: v + 0.08, radius: 0.055, weight: 0.6 },
    { u: side * 0.38, v: v + 0.01, radius: 0.042 },
    { u: side * 0.72, v: v - 0.13, radius: 0.036 },
    { u: side * 1.02, v: v - 0.2, radius: 0.04, weight: 0.8 },
    { u: side * 1.22, v: v - 0.18, radius: 0.05, weight: 0.4 },
  ])
}

/** Its inner border and the spine of the blade: what of it can be seen over the outer upper lung. */
function shoulderBlade({ lungs }: PhantomParameters, side: -1 | 1): LinePoint[] {
  const h = lungs.height
  return smoothLine([
    { u: side * 1.2, v: 0.02 * h, radius: 0.1 },
    { u: side * 1.02, v: 0.16 * h, radius: 0.07 },
    { u: side * 0.95, v: 0.32 * h, radius: 0.05 },
    { u: side * 0.93, v: 0.44 * h, radius: 0.02 },
  ])
}

/** The attenuation of the spine at a place: bodies, the gaps between them, pedicles and spinous processes. */
export function spineShape({ bones, lungs, seed }: PhantomParameters): (u: number, v: number) => number {
  const spacing = lungs.height / 8.2
  return (u, v) => {
    const bend = 0.02 * valueNoise(v * 0.9, 4.5, seed + 31)
    const across = Math.abs(u - bend)
    if (across > 0.24) return 0
    const along = v / spacing + 0.3
    const phase = along - Math.floor(along)
    const half = mix(0.125, 0.14, 4 * (phase - 0.5) * (phase - 0.5))
    const body = 1 - smoothstep(half - 0.02, half + 0.02, across)
    const gap = 1 - 0.25 * (1 - smoothstep(0.04, 0.1, Math.min(phase, 1 - phase)))
    const process =
      0.3 * (1 - smoothstep(0.02, 0.045, across)) * smoothstep(0.25, 0.4, phase) * (1 - smoothstep(0.6, 0.8, phase))
    const pedicle =
      0.25 *
      clamp01(1 - ((across - 0.085) * (across - 0.085) + (phase - 0.35) * (phase - 0.35) * spacing * spacing) / 0.0006)
    const transverse = 0.35 * (1 - smoothstep(0.17, 0.23, across)) * clamp01(1 - Math.abs(phase - 0.3) / 0.16)
    return bones.spine * Math.max(body * gap + process + pedicle, transverse)
  }
}
