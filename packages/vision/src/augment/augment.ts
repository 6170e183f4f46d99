import type { Image } from '../image/image.ts'
import { cos, power, sin } from '../random/portable.ts'
import { Random } from '../random/random.ts'
import type { Augmentation } from './augmentation.ts'
import { type Displacement, type Warp, warpPair } from './warp.ts'

/** What an augmentation is drawn from: the run's seed, the epoch, and which picture of the set. */
export interface AugmentationKey {
  seed: number
  epoch: number
  index: number
}

/**
 * Changes a picture and its mask at random, and reproducibly: what is drawn depends on the key alone, never on the order of
 * calls or the number of threads. All changes of shape are done in one resampling, then all changes of shade.
 *
 * @param pair Picture and mask of one size; they stay as they are.
 * @param augmentations What to do, in this order; changes of shape before changes of shade.
 * @param key What to draw from.
 * @returns A new picture with values 0..1, and a new mask with values of the old one. Where nothing is changed they may be the
 * old ones.
 * @example
 * ```ts
 * const sample = generatePhantom(0, { width: 64, height: 64 })
 * const { image, mask } = augment(sample, [flip(), affine({ rotate: 10 }), tone()], { seed: 42, epoch: 0, index: 0 })
 * console.log([image.width, mask.height]) // [64, 64]
 * ```
 */
export function augment(
  pair: { image: Image; mask: Image },
  augmentations: readonly Augmentation[],
  key: AugmentationKey,
): { image: Image; mask: Image } {
  const { image, mask } = pair
  if (mask.width !== image.width || mask.height !== image.height)
    throw new RangeError(
      `augment: the mask is ${mask.width}×${mask.height}, but its image ${image.width}×${image.height}`,
    )
  let warp: Warp | undefined
  const later: ((data: Float32Array) => void)[] = []
  augmentations.forEach((augmentation, position) => {
    // Each has a stream of its own, so that to change one does not change what the others draw.
    const random = new Random(key.seed, key.epoch, key.index, 1000 + position)
    if (!random.chance(augmentation.probability)) return
    switch (augmentation.type) {
      case 'flip':
        warp = then(warp, { matrix: [-1, 0, image.width, 0, 1, 0] })
        break
      case 'affine':
        warp = then(warp, drawAffine(augmentation, image, random))
        break
      case 'elastic':
        warp = then(warp, { matrix: IDENTITY, displacement: drawDisplacement(augmentation, image, random) })
        break
      case 'tone':
        later.push(drawTone(augmentation, random))
        break
      case 'noise':
        later.push(drawNoise(augmentation, random))
        break
    }
  })
  if (!warp && later.length === 0) return pair
  const warped = warp ? warpPair(image, mask, warp) : { image: { ...image, data: image.data.slice() }, mask }
  for (const change of later) change(warped.image.data)
  return warped
}

const IDENTITY = [1, 0, 0, 0, 1, 0] as const

/**
 * One warp after another. Source places are found backwards: the later warp's map first, then the earlier one's. There is one
 * displacement field, in the final picture's coordinates, so several add up, which for small ones is what they mean.
 */
function then(first: Warp | undefined, second: Warp): Warp {
  if (!first) return second
  const [a, b, c, d, e, f] = first.matrix
  const [g, h, i, j, k, l] = second.matrix
  return {
    matrix: [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f],
    displacement: sumOf(first.displacement, second.displacement),
  }
}

function sumOf(first: Displacement | undefined, second: Displacement | undefined): Displacement | undefined {
  if (!first || !second) return first ?? second
  if (first.cells !== second.cells) throw new RangeError('augment: two elastic warps need the same number of cells')
  return {
    cells: first.cells,
    dx: first.dx.map((value, at) => value + second.dx[at]),
    dy: first.dy.map((value, at) => value + second.dy[at]),
  }
}

type Kind<Type extends Augmentation['type']> = Extract<Augmentation, { type: Type }>

/** About the picture's centre: turned, zoomed, then moved. */
function drawAffine(options: Kind<'affine'>, { width, height }: Image, random: Random): Warp {
  const angle = (random.uniform(-options.rotate, options.rotate) * Math.PI) / 180
  const zoom = 1 / (1 + random.uniform(-options.scale, options.scale))
  const moveX = random.uniform(-options.shift, options.shift) * width
  const moveY = random.uniform(-options.shift, options.shift) * height
  const c = cos(angle) * zoom
  const s = sin(angle) * zoom
  const cx = width / 2
  const cy = height / 2
  return {
    matrix: [c, s, cx - c * (cx + moveX) - s * (cy + moveY), -s, c, cy + s * (cx + moveX) - c * (cy + moveY)],
  }
}

function drawDisplacement(options: Kind<'elastic'>, { width, height }: Image, random: Random): Displacement {
  const knots = (options.cells + 3) * (options.cells + 3)
  // A spline through independent knots is smoother, so weaker, than the knots themselves: by a half in each direction.
  const draw = (side: number) =>
    Float64Array.from({ length: knots }, () => random.normalWithin(0, 2 * options.strength * side))
  return { cells: options.cells, dx: draw(width), dy: draw(height) }
}

/** All three by one table of 1024 steps, so that a pixel costs no power. */
function drawTone(options: Kind<'tone'>, random: Random): (data: Float32Array) => void {
  const brightness = random.uniform(-options.brightness, options.brightness)
  const contrast = 1 + random.uniform(-options.contrast, options.contrast)
  const step = 1 + random.uniform(0, options.gamma)
  const gamma = random.chance(0.5) ? step : 1 / step
  const table = Float32Array.from({ length: 1025 }, (_, index) =>
    Math.min(1, Math.max(0, (power(index / 1024, gamma) - 0.5) * contrast + 0.5 + brightness)),
  )
  return (data) => {
    for (let at = 0; at < data.length; at++) {
      const place = Math.min(1, Math.max(0, data[at])) * 1024
      const low = Math.min(1023, Math.floor(place))
      data[at] = table[low] + (table[low + 1] - table[low]) * (place - low)
    }
  }
}

function drawNoise(options: Kind<'noise'>, random: Random): (data: Float32Array) => void {
  const deviation = random.uniform(0, options.deviation)
  return (data) => {
    for (let at = 0; at < data.length; at++) data[at] = Math.min(1, Math.max(0, data[at] + deviation * random.grain()))
  }
}
