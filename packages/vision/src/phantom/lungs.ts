import { tabulate } from './curve.ts'
import type { LungParameters, PhantomParameters } from './parameters.ts'
import { arc, clamp01, mix, smoothstep } from './shape.ts'
import { valueNoise } from './texture.ts'

/** How deep a place lies within a lung; all negative or zero outside. */
export interface LungDepth {
  /** Distances to the outer and the inner border, across, and to the dome, down. */
  lateral: number
  medial: number
  base: number
  /** The least of them: positive inside. */
  depth: number
}

/**
 * One lung as a function of the place: between an inner and an outer border that meet in the rounded top, above a dome that
 * falls steeply towards the outer angle.
 *
 * @param side -1 for the patient's right, 1 for the left.
 */
export function lungShape(
  parameters: PhantomParameters,
  side: -1 | 1,
): {
  at(u: number, v: number, into: LungDepth): number
  lateral(v: number): number
  medial(v: number): number
  bottom(across: number): number
} {
  const lung: LungParameters = side < 0 ? parameters.lungs.right : parameters.lungs.left
  const { height } = parameters.lungs
  const stretch = 1 + 0.12 * side * parameters.frame.turn
  const seed = parameters.seed + (side < 0 ? 101 : 202)

  const lateral = tabulate(
    (v) => {
      const share = v / height
      const wide = mix(lung.lateralTop, lung.lateralBase, smoothstep(0.2, 0.95, share))
      return (mix(lung.apex, wide, arc(share / 0.42)) + 0.012 * valueNoise(share * 5, 0.5, seed)) * stretch
    },
    0,
    1.6 * height,
  )
  const medial = tabulate(
    (v) => {
      const share = v / height
      const inner = mix(lung.medialTop, lung.medialBase, smoothstep(0.25, 1, share))
      const widened = inner + parameters.mediastinum.width * (1 - smoothstep(0.15, 0.6, share))
      return (mix(lung.apex, widened, arc(share / 0.22)) + 0.02 * valueNoise(share * 7, 9.5, seed)) * stretch
    },
    0,
    1.6 * height,
  )
  const bottom = tabulate(
    (across) => {
      const towards =
        across < lung.summit ? (lung.summit - across) / lung.summit : (across - lung.summit) / (1 - lung.summit)
      const fall = across < lung.summit ? lung.medialDrop * towards * towards : lung.dome * towards * towards
      return height * (lung.base + fall) + 0.012 * valueNoise(across * 4, 3.5, seed)
    },
    0,
    1,
  )

  return {
    lateral,
    medial,
    bottom,
    at(u, v, into) {
      const across = u * side
      const outer = lateral(v)
      const inner = medial(v)
      into.lateral = outer - across
      into.medial = across - inner
      into.base = bottom(clamp01((across - inner) / Math.max(0.05, outer - inner))) - v
      into.depth = Math.min(into.lateral, into.medial, into.base, v > 0 ? Number.POSITIVE_INFINITY : v)
      return into.depth
    },
  }
}

/** How much of a full lung's depth a ray passes through: little at the borders, most in the middle. */
export function lungThickness({ lateral, medial, base, depth }: LungDepth, edge: number): number {
  if (depth <= -edge) return 0
  const cover = smoothstep(-edge, edge, depth)
  const round = Math.sqrt(clamp01(Math.min(lateral / 0.45, medial / 0.3)))
  const recess = smoothstep(0, 0.25, base)
  return cover * (0.55 + 0.33 * round + 0.12 * recess)
}
