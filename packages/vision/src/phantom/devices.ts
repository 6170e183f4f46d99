import { Random } from '../random/random.ts'
import type { Frame } from './frame.ts'
import { drawLine, flatProfile, type LinePoint, roundProfile, smoothLine } from './layer.ts'
import type { PhantomParameters } from './parameters.ts'

/** Draws what is on or in the patient: wires and their electrodes, tube, central line, pacemaker. Denser than any tissue. */
export function drawDevices(layer: Float32Array, frame: Frame, parameters: PhantomParameters): void {
  const { devices, lungs } = parameters
  const random = new Random(parameters.seed, 3)
  const h = lungs.height
  for (let wire = 0; wire < devices.wires; wire++) {
    const start = { u: random.uniform(-1.4, 1.4), v: random.uniform(-0.3, 1.4) * h }
    const end = { u: random.uniform(-1.6, 1.6), v: random.uniform(-0.3, 1.6) * h }
    const radius = random.uniform(0.006, 0.013)
    const between = (share: number): LinePoint => ({
      u: start.u + (end.u - start.u) * share + random.uniform(-0.25, 0.25),
      v: start.v + (end.v - start.v) * share + random.uniform(-0.25, 0.25),
      radius,
    })
    const path = smoothLine([{ ...start, radius }, between(0.33), between(0.66), { ...end, radius }], 10)
    drawLine(layer, frame, path, random.uniform(0.15, 0.4), roundProfile)
  }
  for (let electrode = 0; electrode < devices.electrodes; electrode++) {
    const place = { u: random.uniform(-1.1, 1.1), v: random.uniform(0, 1.2) * h }
    const radius = random.uniform(0.02, 0.045)
    drawLine(
      layer,
      frame,
      [
        { ...place, radius },
        { ...place, v: place.v + 0.03, radius },
      ],
      random.uniform(0.2, 0.45),
      roundProfile,
    )
  }
  if (devices.tube) drawTube(layer, frame, random, h)
  if (devices.line) drawCentralLine(layer, frame, random, h)
  if (devices.pacemaker) drawPacemaker(layer, frame, random, h)
}

/** In the windpipe: two thin walls. */
function drawTube(layer: Float32Array, frame: Frame, random: Random, h: number): void {
  const end = random.uniform(0.15, 0.3) * h
  for (const side of [-0.022, 0.022])
    drawLine(
      layer,
      frame,
      [
        { u: side, v: -0.8, radius: 0.007 },
        { u: side, v: end, radius: 0.007 },
      ],
      0.3,
      flatProfile,
    )
}

/** From the right side of the neck down beside the spine. */
function drawCentralLine(layer: Float32Array, frame: Frame, random: Random, h: number): void {
  const radius = 0.01
  const path = smoothLine([
    { u: -0.35, v: -0.7, radius },
    { u: -0.27, v: -0.15, radius },
    { u: -0.16, v: 0.15 * h, radius },
    { u: -0.15, v: random.uniform(0.3, 0.5) * h, radius },
  ])
  drawLine(layer, frame, path, 0.3, flatProfile)
}

/** A box under the skin below one collar bone, with its lead to the heart. */
function drawPacemaker(layer: Float32Array, frame: Frame, random: Random, h: number): void {
  const side = random.chance(0.8) ? 1 : -1
  const u = side * random.uniform(0.5, 0.8)
  const v = random.uniform(0.1, 0.35) * h
  const half = random.uniform(0.04, 0.08)
  drawLine(
    layer,
    frame,
    [
      { u, v: v - half, radius: 0.12 },
      { u, v: v + half, radius: 0.13 },
    ],
    0.75,
    flatProfile,
  )
  const radius = 0.012
  const lead = smoothLine([
    { u, v: v - half, radius },
    { u: side * 0.35, v: 0.06 * h, radius },
    { u: side * 0.08, v: 0.22 * h, radius },
    { u: 0.02, v: 0.6 * h, radius },
    { u: 0.3, v: 0.85 * h, radius },
  ])
  drawLine(layer, frame, lead, 0.5, roundProfile)
}
