/**
 * A random change of pictures, as plain data: it can be sent to worker threads and logged with a run's configuration. Each is
 * done with its `probability` and drawn anew for every picture and epoch.
 */
export type Augmentation =
  | { type: 'flip'; probability: number }
  | { type: 'affine'; probability: number; rotate: number; scale: number; shift: number }
  | { type: 'elastic'; probability: number; strength: number; cells: number }
  | { type: 'tone'; probability: number; brightness: number; contrast: number; gamma: number }
  | { type: 'noise'; probability: number; deviation: number }

/** Mirrors left and right, by default every second picture. */
export function flip(probability = 0.5): Augmentation {
  return checked({ type: 'flip', probability })
}

/**
 * Turns, zooms and moves.
 *
 * @param options `rotate`: up to so many degrees either way (default 10). `scale`: up to this share larger or smaller (0.1).
 * `shift`: up to this share of the sides (0.05).
 */
export function affine(
  options: { rotate?: number; scale?: number; shift?: number; probability?: number } = {},
): Augmentation {
  const { rotate = 10, scale = 0.1, shift = 0.05, probability = 1 } = options
  return checked({ type: 'affine', probability, rotate, scale, shift })
}

/**
 * Warps as if printed on rubber: random displacements on a coarse grid, smoothly joined (P. Simard, D. Steinkraus, J. Platt,
 * "Best practices for convolutional neural networks applied to visual document analysis", 2003).
 *
 * @param options `strength`: deviation of the displacements, as a share of the sides (default 0.015). `cells`: how many grid
 * cells a side has (5); more of them warp finer.
 */
export function elastic(options: { strength?: number; cells?: number; probability?: number } = {}): Augmentation {
  const { strength = 0.015, cells = 5, probability = 0.5 } = options
  return checked({ type: 'elastic', probability, strength, cells })
}

/**
 * Changes shades, of the picture only.
 *
 * @param options `brightness`: added, up to so much (default 0.1). `contrast`: factor about the middle grey, up to 1 ± this
 * (0.2). `gamma`: exponent between 1 / (1 + this) and 1 + this (0.25).
 */
export function tone(
  options: { brightness?: number; contrast?: number; gamma?: number; probability?: number } = {},
): Augmentation {
  const { brightness = 0.1, contrast = 0.2, gamma = 0.25, probability = 1 } = options
  return checked({ type: 'tone', probability, brightness, contrast, gamma })
}

/** Adds grain of a deviation up to the given one, to the picture only. */
export function noise(options: { deviation?: number; probability?: number } = {}): Augmentation {
  const { deviation = 0.03, probability = 0.5 } = options
  return checked({ type: 'noise', probability, deviation })
}

/** What suits chest films: no mirroring, since the heart is on one side. */
export const LIGHT_AUGMENTATION: readonly Augmentation[] = [affine({ rotate: 8, scale: 0.1, shift: 0.04 }), tone()]

function checked(augmentation: Augmentation): Augmentation {
  for (const [name, value] of Object.entries(augmentation)) {
    if (name === 'type') continue
    const limit = name === 'probability' ? 1 : Number.POSITIVE_INFINITY
    if (!(typeof value === 'number' && value >= 0 && value <= limit))
      throw new RangeError(
        `${augmentation.type}: ${name} is ${value}, expected a number from 0${limit === 1 ? ' to 1' : ' up'}`,
      )
  }
  if (augmentation.type === 'elastic' && !(Number.isInteger(augmentation.cells) && augmentation.cells >= 1))
    throw new RangeError(`elastic: cells is ${augmentation.cells}, expected a whole number from 1 up`)
  if (augmentation.type === 'affine' && augmentation.scale >= 1)
    throw new RangeError(`affine: scale is ${augmentation.scale}, expected less than 1`)
  return augmentation
}
