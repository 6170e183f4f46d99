import { Random } from '../random/random.ts'
import type { FilmParameters, LungParameters, PhantomParameters } from './parameters.ts'

/**
 * Draws the parameters of one phantom: three kinds of film (upright from behind, lying from the front, and processed with
 * enhanced detail), healthy and ill, with and without devices.
 *
 * @param index Which phantom of the series.
 * @param seed The series.
 */
export function drawPhantomParameters(index: number, seed = 0): PhantomParameters {
  const random = new Random(seed, 1, index)
  const lying = random.chance(0.5)
  const height = lying ? random.normalWithin(1.3, 0.17) : random.normalWithin(1.62, 0.2)
  const scale = drawScale(random, lying)
  return {
    frame: {
      centreX: random.normalWithin(0.5, 0.035),
      top: random.normalWithin(0.105, 0.06, 1.8),
      scale,
      rotation: random.normalWithin(0, 0.05),
      turn: random.normalWithin(0, 0.4),
    },
    lungs: {
      height: Math.min(height, 0.92 / (1.15 * scale)),
      ...drawLungs(random, lying),
      depth: random.uniform(0.52, 0.82),
      texture: random.uniform(0.15, 0.75),
      vessels: random.uniform(0.15, 0.5),
    },
    trunk: {
      wall: random.uniform(0.08, 0.32),
      shoulder: random.uniform(1.4, 1.75),
      neck: random.uniform(0.34, 0.5),
      arms: random.chance(0.4) ? 1 : random.uniform(0, 0.5),
      abdomen: random.uniform(-0.2, 0.35),
      texture: random.uniform(0.02, 0.22),
      breasts: random.chance(0.35) ? random.uniform(0.05, 0.2) : 0,
      gas: random.chance(0.45) ? random.uniform(0.1, 0.4) : 0,
    },
    bones: {
      ribs: random.uniform(0.06, 0.2),
      ribWidth: random.uniform(0.03, 0.045),
      ribFall: random.uniform(0.35, 0.7),
      clavicles: random.uniform(0.08, 0.22),
      clavicleHeight: random.normalWithin(0.06, 0.05),
      scapulae: random.uniform(0.04, 0.14),
      spine: random.uniform(0.03, 0.16),
    },
    mediastinum: {
      heart: random.normalWithin(lying ? 1.08 : 0.92, 0.13),
      heartShift: random.normalWithin(0.03, 0.06),
      heartOpacity: random.uniform(0.55, 0.92),
      aorta: random.uniform(0.2, 0.8),
      hilum: random.uniform(0.1, 0.5),
      trachea: random.uniform(0.04, 0.2),
      width: random.uniform(-0.01, lying ? 0.16 : 0.08),
    },
    findings: drawFindings(random, lying),
    devices: {
      wires: random.chance(lying ? 0.7 : 0.1) ? 1 + random.integer(6) : 0,
      electrodes: random.chance(lying ? 0.6 : 0.1) ? 1 + random.integer(4) : 0,
      tube: random.chance(lying ? 0.3 : 0),
      line: random.chance(lying ? 0.4 : 0.05),
      pacemaker: random.chance(0.06),
      marker: random.chance(0.75),
    },
    film: drawFilm(random, lying),
    seed: random.bits(),
  }
}

/** Most films are cut close around the chest; some show shoulders, arms and belly. */
function drawScale(random: Random, lying: boolean): number {
  return random.chance(0.15) ? random.uniform(0.31, 0.38) : random.normalWithin(lying ? 0.455 : 0.44, 0.035)
}

function drawLungs(random: Random, lying: boolean): { right: LungParameters; left: LungParameters } {
  const common = {
    apex: random.normalWithin(0.4, 0.04),
    medialTop: random.normalWithin(0.15, 0.025),
    medialBase: random.normalWithin(0.15, 0.03),
    lateralTop: random.normalWithin(0.8, 0.06),
    lateralBase: random.normalWithin(0.98, 0.04),
    dome: lying ? random.uniform(0.04, 0.2) : random.uniform(0.08, 0.32),
  }
  const one = (base: number, medialDrop: number): LungParameters => ({
    apex: common.apex + random.normalWithin(0, 0.025),
    medialTop: common.medialTop + random.normalWithin(0, 0.015),
    medialBase: common.medialBase + random.normalWithin(0, 0.02),
    lateralTop: common.lateralTop + random.normalWithin(0, 0.02),
    lateralBase: common.lateralBase + random.normalWithin(0, 0.025),
    base,
    dome: Math.max(0.02, common.dome + random.normalWithin(0, 0.04)),
    summit: random.uniform(0.3, 0.55),
    medialDrop,
  })
  return {
    right: one(0.96 + random.normalWithin(0, 0.03), random.uniform(0, 0.06)),
    left: one(1 + random.normalWithin(0, 0.05), random.uniform(0, 0.1)),
  }
}

function drawFindings(random: Random, lying: boolean): PhantomParameters['findings'] {
  const ill = random.chance(lying ? 0.7 : 0.4)
  const count = ill ? 1 + random.integer(5) : 0
  const opacities = Array.from({ length: count }, () => ({
    side: random.chance(0.5) ? (1 as const) : (-1 as const),
    across: random.uniform(0.1, 1),
    down: random.uniform(0.2, 1),
    radius: random.uniform(0.15, 0.5),
    strength: random.uniform(0.15, 0.75),
  }))
  const veil = () => (ill && random.chance(0.5) ? random.uniform(0, 0.5) : 0)
  const fluid = () => (random.chance(lying ? 0.12 : 0.05) ? random.uniform(0.05, 0.3) : 0)
  return { opacities, haze: { right: veil(), left: veil() }, effusion: { right: fluid(), left: fluid() } }
}

function drawFilm(random: Random, lying: boolean): FilmParameters {
  const processed = random.chance(0.3)
  const border = () => (random.chance(0.06) ? random.uniform(0.01, 0.1) : 0)
  const brightest = random.uniform(processed ? 0.7 : 0.52, 0.97)
  const darkest = random.chance(0.4) ? random.uniform(0, 0.08) : random.uniform(0.05, Math.min(0.32, brightest - 0.24))
  return {
    black: random.uniform(0.05, 0.35),
    white: random.uniform(1.15, 1.5),
    gamma: random.uniform(0.68, 1.15),
    enhancement: processed ? random.uniform(0.3, 0.7) : random.uniform(0, 0.15),
    blur: random.uniform(0.0004, 0.003),
    noise: random.uniform(0.002, lying ? 0.02 : 0.012),
    darkest,
    brightest,
    borders: { left: border(), right: border(), top: border(), bottom: border() },
    slopeX: random.normalWithin(0, 0.08),
    slopeY: random.normalWithin(0, 0.08),
  }
}
