import { received, ShapeError, TrainyardError } from '../../errors.ts'
import { build as g } from '../../ops/build.ts'
import { fromArray } from '../../tensor/create.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { checkImages } from './convolution.ts'
import { mixAxis } from './mix.ts'
import { type Pair, pairOf } from './pair.ts'

/** The size of the result, and how it is filled. A pair is [rows, columns]. */
export interface InterpolateOptions {
  /** Rows and columns of the result. Either this or `scaleFactor`. */
  readonly size?: Pair
  /** How many times larger the result is. */
  readonly scaleFactor?: Pair
  /** 'nearest' repeats elements, 'bilinear' connects them by straight lines. Default 'nearest'. */
  readonly mode?: 'nearest' | 'bilinear'
  /** Bilinear only: whether the corner elements keep their places (else: the corners of the image). Default false. */
  readonly alignCorners?: boolean
}

/**
 * Enlarges (or shrinks) images by sampling between their elements, as PyTorch's interpolate.
 *
 * @param x Images [N, C, H, W].
 */
export function interpolate(x: Tensor, options: InterpolateOptions = {}): Tensor {
  checkImages('interpolate', x)
  const { mode = 'nearest', alignCorners = false } = options
  const { target, step } = targetOf(x, options)
  if (mode === 'bilinear') {
    const weights = (axis: 0 | 1) => linearWeights(x.shape[2 + axis], target[axis], step[axis], alignCorners)
    return mixAxis(mixAxis(x, 2, weights(0)), 3, weights(1))
  }
  if (mode !== 'nearest') throw new TrainyardError(`interpolate: unknown mode "${mode}"; there is nearest and bilinear`)
  if (alignCorners) throw new TrainyardError('interpolate: alignCorners is defined for mode bilinear')
  const [batch, channels, height, width] = x.shape
  const factors = [target[0] / height, target[1] / width] as const
  if (factors.every((factor, axis) => Number.isInteger(factor) && step[axis] === 1 / factor)) {
    // Each element becomes a window of its own: the gradient of pooling by sums.
    const inputShape = [batch, channels, target[0], target[1]]
    return new Tensor(g.sumPool2dGrad(x.node, { kernel: factors, stride: factors, padding: [0, 0, 0, 0], inputShape }))
  }
  const rows = nearestIndices(height, target[0], step[0])
  const columns = nearestIndices(width, target[1], step[1])
  return x.indexSelect(2, fromArray(rows, [target[0]])).indexSelect(3, fromArray(columns, [target[1]]))
}

/** The size of the result, and how far apart its elements lie in those of the image. */
function targetOf(x: Tensor, { size, scaleFactor }: InterpolateOptions): { target: [number, number]; step: number[] } {
  const image = x.shape.slice(2)
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new ShapeError('interpolate: wants either size or scaleFactor')
  }
  if (size !== undefined) {
    const target = pairOf(size, 1, 'interpolate: size')
    return { target, step: target.map((n, axis) => image[axis] / n) }
  }
  const factors = typeof scaleFactor === 'number' ? [scaleFactor, scaleFactor] : scaleFactor!
  if (!Array.isArray(factors) || factors.length !== 2 || !factors.every(Number.isFinite)) {
    throw new ShapeError(`interpolate: scaleFactor must be a number, or a pair of them, got ${received(scaleFactor)}`)
  }
  const target = image.map((n, axis) => Math.floor(n * factors[axis])) as [number, number]
  if (!factors.every((factor) => factor > 0) || target.some((n) => n < 1)) {
    throw new ShapeError(`interpolate: scaleFactor ${JSON.stringify(scaleFactor)} leaves nothing of ${image.join('×')}`)
  }
  return { target, step: factors.map((factor) => 1 / factor) }
}

/** In float32, where the last bit decides which of two neighbours is the nearer, as in PyTorch. */
function nearestIndices(size: number, results: number, step: number): Int32Array {
  const scale = Math.fround(step)
  return Int32Array.from({ length: results }, (_, i) => Math.min(size - 1, Math.floor(Math.fround(i * scale))))
}

function linearWeights(size: number, results: number, step: number, alignCorners: boolean): number[][] {
  return Array.from({ length: results }, (_, i) => {
    const at = alignCorners ? (results > 1 ? (i * (size - 1)) / (results - 1) : 0) : Math.max(0, (i + 0.5) * step - 0.5)
    const low = Math.min(size - 1, Math.floor(at))
    const high = Math.min(size - 1, low + 1)
    const weights = new Array<number>(size).fill(0)
    weights[low] += 1 - (at - low)
    weights[high] += at - low
    return weights
  })
}
