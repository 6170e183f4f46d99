import { DTypeError, received, ShapeError, TrainyardError } from '../errors.ts'
import { Storage } from '../graph/storage.ts'
import { build as g } from '../ops/build.ts'
import { bufferNode } from '../runtime/realize.ts'
import { activeTrace } from '../runtime/trace.ts'
import { allocate, checkDType, type DType, type TypedArray } from './dtype.ts'
import {
  checkCount,
  checkShape,
  formatShape,
  normalizeAxis,
  resolveShape,
  type Shape,
  sameShape,
  sizeOf,
} from './shape.ts'
import { type NestedArray, Tensor } from './tensor.ts'

/** The element type, and whether gradients are wanted. */
export interface TensorOptions {
  /** Element type. Default: float32; bool for nested arrays of truths. */
  readonly dtype?: DType
  /** Whether gradients are wanted. Default false. */
  readonly requiresGrad?: boolean
}

/**
 * Makes a tensor from nested arrays. All rows must be of one length.
 *
 * @example
 * ```ts
 * tensor([[1, 2, 3], [4, 5, 6]]).shape // [2, 3]
 * ```
 */
export function tensor(values: NestedArray, options: TensorOptions = {}): Tensor {
  const shape: number[] = []
  for (let level = values; Array.isArray(level); level = level[0]) shape.push(level.length)
  const flat: (number | boolean)[] = []
  const visit = (value: NestedArray, axis: number): void => {
    if (axis === shape.length) {
      if (Array.isArray(value)) {
        throw new ShapeError(
          `tensor: a number was expected at depth ${axis}, got a list; all rows must be of one depth`,
        )
      }
      if (typeof value !== 'number' && typeof value !== 'boolean') {
        throw new DTypeError(`tensor: elements are numbers or truths, got ${received(value)}`)
      }
      flat.push(value)
      return
    }
    const row = value as readonly NestedArray[]
    if (row?.length !== shape[axis]) {
      throw new ShapeError(
        `tensor: rows at depth ${axis} have lengths ${shape[axis]} and ${row?.length ?? 'none'}; all must be equal`,
      )
    }
    for (const element of row) visit(element, axis + 1)
  }
  visit(values, 0)
  const dtype = options.dtype ?? (flat.length > 0 && flat.every((v) => typeof v === 'boolean') ? 'bool' : 'float32')
  return fromArray(Float64Array.from(flat, Number), shape, { ...options, dtype })
}

/**
 * Makes a tensor of a shape from elements in row-major order. The elements are copied.
 *
 * @param shape One size may be -1.
 */
export function fromArray(elements: ArrayLike<number>, shape: Shape, options: TensorOptions = {}): Tensor {
  if (typeof elements?.length !== 'number') {
    throw new TrainyardError(`fromArray: wants a list of numbers, got ${received(elements)}`)
  }
  const sizes = resolveShape(shape, elements.length, 'fromArray')
  const { dtype = elements instanceof Int32Array ? 'int32' : 'float32', requiresGrad = false } = options
  checkDType(dtype, 'fromArray')
  if (requiresGrad && dtype !== 'float32') {
    throw new DTypeError(`requiresGrad: only float32 tensors have gradients, this one is ${dtype}`)
  }
  const host = allocate(dtype, elements.length)
  if (dtype === 'bool') for (let i = 0; i < host.length; i++) host[i] = elements[i] !== 0 ? 1 : 0
  else host.set(elements)
  return fromStorage(new Storage(dtype, host.length, host), sizes, requiresGrad)
}

/** Makes a tensor on an array of the right type without copying: the array must not be changed any more. */
export function wrapArray(elements: TypedArray, shape: Shape, dtype?: DType): Tensor {
  if (sizeOf(shape) !== elements.length) {
    throw new ShapeError(`wrapArray: ${elements.length} elements do not fit shape ${formatShape(shape)}`)
  }
  const type = dtype ?? (elements instanceof Int32Array ? 'int32' : 'float32')
  return fromStorage(new Storage(type, elements.length, elements), shape, false)
}

/** Makes a tensor of a storage. */
export function fromStorage(storage: Storage, shape: Shape, requiresGrad: boolean): Tensor {
  return new Tensor(bufferNode(storage, shape, requiresGrad))
}

/** A tensor of one value. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkShape(shape, 'full')
  const { dtype = 'float32', requiresGrad = false } = options
  checkDType(dtype, 'full')
  if (typeof value !== 'number') throw new TrainyardError(`full: the value must be a number, got ${received(value)}`)
  const scalar = g.reshape(
    g.scalar(value, dtype),
    shape.map(() => 1),
  )
  const result = new Tensor(g.expand(scalar, shape))
  if (requiresGrad) result.requiresGrad = true
  return result
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options)
}

/** A tensor of ones. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options)
}

/** State: a tensor of zeros (default float32) with memory of its own from the start, made to be assigned to. */
export function stateZeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return fromStorage(new Storage(dtype, sizeOf(shape)), shape, false)
}

/**
 * The numbers start, start + step, … below end. `arange(n)` counts from 0.
 * @param options.dtype Default int32 when all are integers, else float32.
 */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end]
  if (step === 0 || !Number.isFinite(step)) throw new ShapeError(`arange: step ${step} never reaches ${to}`)
  if (!Number.isFinite(to - from)) {
    throw new ShapeError(`arange: start and end must be numbers, got ${received(from)} and ${received(to)}`)
  }
  const size = Math.max(0, Math.ceil((to - from) / step))
  const whole = [from, to, step].every(Number.isInteger)
  const dtype = options.dtype ?? (whole ? 'int32' : 'float32')
  return fromArray(
    Float64Array.from({ length: size }, (_, i) => from + i * step),
    [size],
    { ...options, dtype },
  )
}

/** `count` numbers from start to end, both included, equally far apart. */
export function linspace(start: number, end: number, count: number, options: TensorOptions = {}): Tensor {
  checkCount(count, 'linspace: count')
  const step = count > 1 ? (end - start) / (count - 1) : 0
  return fromArray(
    Float64Array.from({ length: count }, (_, i) => (i === count - 1 && i > 0 ? end : start + i * step)),
    [count],
    options,
  )
}

/** The identity matrix. */
export function eye(size: number): Tensor {
  checkCount(size, 'eye: size')
  const shape = [size, size]
  return new Tensor(g.cast(g.eq(g.iota(shape, 0), g.iota(shape, 1)), 'float32'))
}

/**
 * Puts tensors one after another along an axis (default: the first), the only one in which their sizes may differ. Types are
 * promoted: bool < int32 < float32.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors(tensors, 'concat')
  const at = normalizeAxis(axis, tensors[0].ndim, 'concat')
  if (tensors[0].ndim === 0) throw new ShapeError('concat: scalars have no axis to be put along; use stack')
  return new Tensor(
    g.concat(
      tensors.map((t) => t.node),
      at,
    ),
  )
}

/** Puts tensors of one shape side by side along a new axis; by default it comes first. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors(tensors, 'stack')
  for (const { shape } of tensors) {
    if (!sameShape(shape, tensors[0].shape)) {
      throw new ShapeError(`stack: shapes ${formatShape(tensors[0].shape)} and ${formatShape(shape)} differ`)
    }
  }
  return concat(
    tensors.map((t) => t.unsqueeze(axis)),
    axis,
  )
}

function checkTensors(tensors: readonly Tensor[], op: string): void {
  const wrong = Array.isArray(tensors) ? tensors.findIndex((entry) => !(entry instanceof Tensor)) : 0
  if (wrong < 0 && tensors.length > 0) return
  const got = Array.isArray(tensors)
    ? tensors.length > 0
      ? received(tensors[wrong])
      : 'an empty one'
    : received(tensors)
  throw new ShapeError(`${op}: wants a list of at least one tensor, got ${got}`)
}

/** Where the condition (bool) holds, `a`, else `b`. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  if (!(condition instanceof Tensor)) {
    throw new TrainyardError(`where: the condition must be a tensor of truths, got ${received(condition)}`)
  }
  return condition.where(a, b)
}

/**
 * A number that the host gives anew at each run of a compiled function: a learning rate, a step count. Outside of
 * `compile` it is asked once, now.
 */
export function hostScalar(next: () => number): Tensor {
  return hostNumbers(1, () => [next()]).reshape([])
}

/** As `hostScalar`, for several numbers that belong together: all of them are asked at once. Shape [count]. */
export function hostNumbers(count: number, next: () => readonly number[]): Tensor {
  const trace = activeTrace()
  return trace ? new Tensor(trace.feed([count], 'float32', next)) : fromArray(next(), [count])
}
