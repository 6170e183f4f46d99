import { DTypeError, ShapeError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { formatShape } from '../tensor/shape.ts'
import { convolvedSize } from './conv2d.ts'
import type { OpSpec, Sample } from './spec.ts'

/** A window of `kernel` elements that moves over the last two axes of images [N, C, H, W]. */
export interface WindowAttrs {
  readonly kernel: readonly [height: number, width: number]
  readonly stride: readonly [vertical: number, horizontal: number]
  /** Elements around the image that never win and count as 0. */
  readonly padding: readonly [top: number, bottom: number, left: number, right: number]
}

/** The shape after pooling; throws where the window does not fit. */
export function pooledShape(
  name: string,
  shape: readonly number[],
  { kernel, stride, padding }: WindowAttrs,
): number[] {
  if (shape.length !== 4) throw new ShapeError(`${name}: wants images [N, C, H, W], got ${formatShape(shape)}`)
  const [n, c, h, w] = shape
  if (
    padding[0] * 2 > kernel[0] ||
    padding[1] * 2 > kernel[0] ||
    padding[2] * 2 > kernel[1] ||
    padding[3] * 2 > kernel[1]
  ) {
    throw new ShapeError(
      `${name}: padding ${formatShape(padding)} is more than half of the window ${formatShape(kernel)}`,
    )
  }
  const height = convolvedSize(h, kernel[0], stride[0], padding[0] + padding[1], 1)
  const width = convolvedSize(w, kernel[1], stride[1], padding[2] + padding[3], 1)
  if (height < 1 || width < 1) {
    throw new ShapeError(`${name}: a window of ${kernel[0]}×${kernel[1]} does not fit images ${formatShape(shape)}`)
  }
  return [n, c, height, width]
}

function inferPooled(name: string, dtype: 'float32' | 'int32') {
  return ([x]: readonly Node[], attrs: WindowAttrs) => {
    if (x.dtype !== 'float32')
      throw new DTypeError(`${name}: is defined for float32, got ${x.dtype}; convert with cast()`)
    return { shape: pooledShape(name, x.shape, attrs), dtype }
  }
}

/** The largest element of each window. */
export const maxPool2d: OpSpec<WindowAttrs> = {
  name: 'maxPool2d',
  kind: 'window',
  infer: inferPooled('maxPool2d', 'float32'),
  gradient: ({ g, inputs: [x], grad, attrs }) => [
    g.maxPool2dScatter(grad, g.maxPool2dIndex(x, attrs), { ...attrs, inputShape: x.shape }),
  ],
  samples: () => windowSamples(0.05),
}

/** Which element of the window won (row · width + column, counted inside the window); the first of equals. int32. */
export const maxPool2dIndex: OpSpec<WindowAttrs> = {
  name: 'maxPool2dIndex',
  kind: 'window',
  infer: inferPooled('maxPool2dIndex', 'int32'),
  gradient: null,
  samples: () => windowSamples(0.05, false),
}

/** Adds each element to the place its window's winner stood: the gradient of max pooling. */
export const maxPool2dScatter: OpSpec<WindowAttrs & { inputShape: readonly number[] }> = {
  name: 'maxPool2dScatter',
  kind: 'window',
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: 'float32' }),
  gradient: ({ g, inputs: [, index], grad, attrs: { inputShape: _, ...attrs } }) => [
    g.maxPool2dSelect(grad, index, attrs),
    null,
  ],
  samples: () =>
    windowSamples().map(({ name, inputs: [x], attrs }) => ({
      name,
      inputs: [{ shape: pooledShape('sample', x.shape, attrs) }, winners(x.shape, attrs)],
      attrs: { ...attrs, inputShape: x.shape },
    })),
}

/** Takes from each window the element at a given place: the gradient of the gradient of max pooling. */
export const maxPool2dSelect: OpSpec<WindowAttrs> = {
  name: 'maxPool2dSelect',
  kind: 'window',
  infer: ([x], attrs) => ({ shape: pooledShape('maxPool2dSelect', x.shape, attrs), dtype: 'float32' }),
  gradient: ({ g, inputs: [x, index], grad, attrs }) => [
    g.maxPool2dScatter(grad, index, { ...attrs, inputShape: x.shape }),
    null,
  ],
  samples: () =>
    windowSamples().map(({ name, inputs: [x], attrs }) => ({ name, inputs: [x, winners(x.shape, attrs)], attrs })),
}

/** The sum of each window. */
export const sumPool2d: OpSpec<WindowAttrs> = {
  name: 'sumPool2d',
  kind: 'window',
  infer: inferPooled('sumPool2d', 'float32'),
  gradient: ({ g, inputs: [x], grad, attrs }) => [g.sumPool2dGrad(grad, { ...attrs, inputShape: x.shape })],
  samples: () => windowSamples(),
}

/** Adds each element to every place of its window: the gradient of sum pooling; nearest up-sampling where windows do not overlap. */
export const sumPool2dGrad: OpSpec<WindowAttrs & { inputShape: readonly number[] }> = {
  name: 'sumPool2dGrad',
  kind: 'window',
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: 'float32' }),
  gradient: ({ g, grad, attrs: { inputShape: _, ...attrs } }) => [g.sumPool2d(grad, attrs)],
  samples: () =>
    windowSamples().map(({ name, inputs: [x], attrs }) => ({
      name,
      inputs: [{ shape: pooledShape('sample', x.shape, attrs) }],
      attrs: { ...attrs, inputShape: x.shape },
    })),
}

/** Places inside the window that are inside the image whatever the window: its middle. */
function winners(shape: readonly number[], attrs: WindowAttrs) {
  const middle = Math.floor(attrs.kernel[0] / 2) * attrs.kernel[1] + Math.floor(attrs.kernel[1] / 2)
  return { shape: pooledShape('sample', shape, attrs), dtype: 'int32' as const, range: [middle, middle] as const }
}

function windowSamples(distinct?: number, differentiable = true): Sample<WindowAttrs>[] {
  const none = [0, 0, 0, 0] as const
  const cases: { name: string; shape: number[]; attrs: WindowAttrs }[] = [
    { name: '2×2', shape: [2, 3, 6, 8], attrs: { kernel: [2, 2], stride: [2, 2], padding: none } },
    {
      name: 'that leaves a row and a column over',
      shape: [1, 5, 5, 7],
      attrs: { kernel: [2, 2], stride: [2, 2], padding: none },
    },
    {
      name: 'overlapping and padded',
      shape: [1, 4, 6, 5],
      attrs: { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
    },
    { name: '3×2, stride 1', shape: [1, 2, 5, 4], attrs: { kernel: [3, 2], stride: [1, 1], padding: none } },
    { name: '20 channels', shape: [1, 20, 4, 4], attrs: { kernel: [2, 2], stride: [2, 2], padding: none } },
  ]
  return cases.map(({ name, shape, attrs }) => ({ name, inputs: [{ shape, distinct, differentiable }], attrs }))
}
