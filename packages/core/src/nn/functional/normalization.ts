import { ShapeError } from '../../errors.ts'
import { type Node, noGrad } from '../../graph/node.ts'
import { build } from '../../ops/build.ts'
import { statistics } from '../../ops/standardize.ts'
import { checkShape, formatShape, sameShape, sizeOf } from '../../tensor/shape.ts'
import { Tensor } from '../../tensor/tensor.ts'

/** Factors, summands, and whose statistics are used. */
export interface BatchNormOptions {
  /** Factor for each channel, [C]. */
  readonly weight?: Tensor | null
  /** Summand for each channel, [C]. */
  readonly bias?: Tensor | null
  /** Whether the statistics of this batch are used (and the running ones moved). Default false. */
  readonly training?: boolean
  /** How far the running statistics move towards those of the batch; a tensor may change from step to step. Default 0.1. */
  readonly momentum?: number | Tensor
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
}

/**
 * Normalises every channel to mean 0 and variance 1 (Ioffe and Szegedy, 2015). In training mode by the batch's own
 * statistics, and moves the running ones in place; else by the running ones, and changes nothing.
 *
 * @param x [N, C, ..].
 * @param runningMean [C]; null where none is kept.
 * @param runningVar [C]; null where none is kept.
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  { weight, bias, training = false, momentum = 0.1, eps = 1e-5 }: BatchNormOptions = {},
): Tensor {
  const channels = x.shape[1]
  if (channels === undefined) {
    throw new ShapeError(`batchNorm: wants [N, C] or [N, C, ..], got ${formatShape(x.shape)}`)
  }
  for (const [name, tensor] of Object.entries({ weight, bias, runningMean, runningVar })) {
    if (tensor && !sameShape(tensor.shape, [channels])) {
      throw new ShapeError(
        `batchNorm: ${channels} channels of ${formatShape(x.shape)} want a ${name} [${channels}], got ${formatShape(tensor.shape)}`,
      )
    }
  }
  const perChannel = [1, channels, ...x.shape.slice(2).map(() => 1)]
  if (!training && runningMean && runningVar) {
    const scale = runningVar
      .add(eps)
      .rsqrt()
      .mul(weight ?? 1)
    const shift = runningMean
      .mul(scale)
      .neg()
      .add(bias ?? 0)
    return x.mul(scale.reshape(perChannel)).add(shift.reshape(perChannel))
  }
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1)
  const count = sizeOf(axes.map((axis) => x.shape[axis]))
  if (training && count === 1) {
    throw new ShapeError(
      `batchNorm: one element for each channel of ${formatShape(x.shape)} has no variance; use a larger batch or eval()`,
    )
  }
  if (training && runningMean && runningVar) {
    const { mean, variance } = noGrad(() => statistics(build, x.node, { axes, eps }))
    const move = (running: Tensor, current: Node, factor: number) => {
      const now = new Tensor(current).reshape([channels]).mul(factor)
      running.assign(running.add(now.sub(running).mul(momentum)))
    }
    move(runningMean, mean, 1)
    move(runningVar, variance, count / (count - 1))
  }
  const normal = new Tensor(build.standardize(x.node, axes, eps))
  const scaled = weight ? normal.mul(weight.reshape(perChannel)) : normal
  return bias ? scaled.add(bias.reshape(perChannel)) : scaled
}

/**
 * Normalises over the last axes (Ba, Kiros, Hinton, 2016).
 *
 * @param normalizedShape The sizes of the last axes, over which mean and variance are taken.
 * @param eps Added to the variance. Default 1e-5.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: readonly number[],
  weight?: Tensor | null,
  bias?: Tensor | null,
  eps = 1e-5,
): Tensor {
  checkShape(normalizedShape, 'layerNorm')
  const rank = normalizedShape.length
  if (rank === 0 || !sameShape(x.shape.slice(-rank), normalizedShape)) {
    throw new ShapeError(
      `layerNorm: wants inputs that end in ${formatShape(normalizedShape)}, got ${formatShape(x.shape)}`,
    )
  }
  for (const [name, tensor] of Object.entries({ weight, bias })) {
    if (tensor && !sameShape(tensor.shape, normalizedShape)) {
      throw new ShapeError(
        `layerNorm: the ${name} must be ${formatShape(normalizedShape)}, got ${formatShape(tensor.shape)}`,
      )
    }
  }
  const axes = normalizedShape.map((_, i) => x.ndim - rank + i)
  const normal = new Tensor(build.standardize(x.node, axes, eps))
  const scaled = weight ? normal.mul(weight) : normal
  return bias ? scaled.add(bias) : scaled
}
