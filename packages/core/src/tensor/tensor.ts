import { gradientLeaves, gradients } from '../autograd/backward.ts'
import { DTypeError, received, ShapeError, TrainyardError } from '../errors.ts'
import { enableGrad, makeLeaf, type Node, noGrad, noteReader } from '../graph/node.ts'
import type { Storage } from '../graph/storage.ts'
import { build as g } from '../ops/build.ts'
import { registry } from '../ops/registry.ts'
import { addPending, bufferNode, keepSnapshot, realize, storageOf } from '../runtime/realize.ts'
import { activeTrace } from '../runtime/trace.ts'
import { checkDType, type DType, type TypedArray } from './dtype.ts'
import { type IndexSpec, resolveIndex } from './indexing.ts'
import { formatTensor } from './print.ts'
import {
  checkCount,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  resolveShape,
  type Shape,
  sameShape,
  sizeOf,
} from './shape.ts'

/** What an operator takes beside a tensor. */
export type Operand = Tensor | number

/** Axes to reduce: one, several, or (undefined) all. */
export type Axes = number | readonly number[]

/** What becomes of the axes that are reduced. */
export interface ReduceOptions {
  /** Leave the reduced axes in place with size 1. Default false. */
  readonly keepDims?: boolean
}

/** Nested arrays of numbers or truths. */
export type NestedArray = number | boolean | readonly NestedArray[]

/** The tensors whose leaves gradients end at, by their leaf. */
const leafOwners = new WeakMap<Node, Tensor>()

/**
 * An array of numbers with a shape: a handle on a node of the graph.
 *
 * Operations only record; numbers are computed when they are read (`await x.data()`), or when a compiled function runs.
 * Nothing has to be freed.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]])
 * await x.matmul(x).sum().item() // 54
 * ```
 */
export class Tensor {
  #node: Node
  #grad: Tensor | null = null
  /** Where the elements live when this tensor is state: assignments end here. */
  #home: Storage | null = null

  constructor(node: Node) {
    this.#node = node
    if (node.inputs.length > 0 && !activeTrace()) noteReader(node)
    if (node.op === registry.buffer) {
      this.#home = node.attrs.storage
      // The first tensor of a leaf owns it; views that changed nothing are handles on the same node.
      if (node.requiresGrad && !leafOwners.has(node)) leafOwners.set(node, this)
    }
  }

  /** The node this tensor stands for at the moment. */
  get node(): Node {
    return this.#node
  }

  /** The sizes of the axes, outermost first; [] for a single number. */
  get shape(): Shape {
    return this.#node.shape
  }

  /** The type of the elements: float32, int32 or bool. */
  get dtype(): DType {
    return this.#node.dtype
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  // ——— Reading

  /** The elements in row-major order; bools as 0 and 1. The array is a copy. */
  async data(): Promise<TypedArray> {
    if (activeTrace()) {
      throw new TrainyardError('data: a tensor cannot be read inside compile(); return it from the function instead')
    }
    if (!this.#storage) await realize([this])
    return this.#storage!.read().slice()
  }

  /** The one element of a tensor of size 1. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: wants a tensor of one element, got shape ${formatShape(this.shape)}`)
    return (await this.data())[0]
  }

  /** The elements as nested arrays. */
  async toArray(): Promise<NestedArray> {
    const elements = await this.data()
    const nest = (axis: number, from: number, size: number): NestedArray => {
      if (axis === this.ndim) return this.dtype === 'bool' ? elements[from] !== 0 : elements[from]
      const step = size / this.shape[axis]
      return Array.from({ length: this.shape[axis] }, (_, i) => nest(axis + 1, from + i * step, step))
    }
    return nest(0, 0, this.size)
  }

  /** The elements printed as nested rows, large tensors shortened. */
  async show(): Promise<string> {
    return formatTensor(await this.data(), this.shape, this.dtype)
  }

  /** Shape, type and `requiresGrad`; for the elements there is `show`. */
  toString(): string {
    return `Tensor(${formatShape(this.shape)}, ${this.dtype}${this.requiresGrad ? ', requiresGrad' : ''})`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** The memory behind a tensor that is realised, else null. */
  get #storage(): Storage | null {
    return storageOf(this.#node)
  }

  /** Whether the elements are in memory. */
  get isRealized(): boolean {
    return this.#storage !== null
  }

  /** The storage of a realised tensor; throws for one that is not computed yet. */
  get storage(): Storage {
    if (!this.#storage) throw new TrainyardError(`${this} is not computed yet; await realize() first`)
    return this.#storage
  }

  /** Computes the elements now, so that later uses read memory. Returns this tensor. */
  async realize(): Promise<this> {
    if (!this.#storage) await realize([this])
    return this
  }

  /** Makes this tensor stand for computed elements; called by the runtime. */
  become(computed: Storage): void {
    const { shape, requiresGrad } = this
    // A value that gradients flow through keeps its graph: it may be read first and differentiated then.
    if (requiresGrad && leafOwners.get(this.#node) !== this) return
    if (this.#home) this.#home.write(computed.read())
    else this.#home = computed
    this.#setNode(bufferNode(this.#home, shape, requiresGrad))
  }

  /**
   * Called before the memory is written to: what was recorded over this tensor and is not computed yet shall still read
   * what was there. Without such readers nothing is copied.
   */
  keepForReaders(): void {
    const node = this.#node
    if (node.op !== registry.buffer || !node.read) return
    keepSnapshot(node)
    this.#setNode(bufferNode(node.attrs.storage, node.shape, node.requiresGrad))
  }

  /** Puts a node in place of the present one; called by the runtime. */
  restore(node: Node): void {
    this.#setNode(node)
  }

  #setNode(node: Node): void {
    const owned = leafOwners.get(this.#node) === this
    this.#node = node
    if (owned) leafOwners.set(node, this)
  }

  // ——— State

  /**
   * Replaces the elements of this tensor, as PyTorch's copy_. Inside `compile` it becomes part of the program; outside
   * it happens at the next read. Gradients do not flow through.
   */
  assign(value: Tensor): this {
    nodeOf('assign', value)
    if (!sameShape(value.shape, this.shape) || value.dtype !== this.dtype) {
      throw new ShapeError(
        `assign: ${value.dtype} ${formatShape(value.shape)} does not fit ${this.dtype} ${formatShape(this.shape)}`,
      )
    }
    this.#home ??= storageOf(this.#node)
    const trace = activeTrace()
    if (trace) trace.noteAssign(this, this.#node)
    else {
      this.keepForReaders()
      addPending(this)
    }
    this.#setNode(makeLeaf(registry.detach, {}, this.shape, this.dtype, this.requiresGrad, [value.node]))
    return this
  }

  // ——— Gradients

  /** Whether gradients flow to or through this tensor. Setting it makes the tensor a leaf: gradients end here. */
  get requiresGrad(): boolean {
    return this.#node.requiresGrad
  }

  set requiresGrad(wanted: boolean) {
    if (wanted === this.requiresGrad) return
    if (wanted && this.dtype !== 'float32') {
      throw new TrainyardError(`requiresGrad: only float32 tensors have gradients, this one is ${this.dtype}`)
    }
    const storage = this.#storage
    if (storage) this.#home = storage
    this.#node = storage
      ? bufferNode(storage, this.shape, wanted)
      : makeLeaf(registry.detach, {}, this.shape, this.dtype, wanted, [this.#node])
    if (wanted) leafOwners.set(this.#node, this)
    else leafOwners.delete(this.#node)
  }

  /** The gradient that `backward` left here; null before. */
  get grad(): Tensor | null {
    activeTrace()?.noteGradient(this, this.#grad, 'read')
    return this.#grad
  }

  set grad(value: Tensor | null) {
    activeTrace()?.noteGradient(this, this.#grad, 'write')
    this.#grad = value
  }

  /** The gradient without telling the trace; for the runtime. */
  get gradUntraced(): Tensor | null {
    return this.#grad
  }

  set gradUntraced(value: Tensor | null) {
    this.#grad = value
  }

  /**
   * Adds to `grad` of every leaf below this tensor the gradient of this tensor with respect to it.
   *
   * @param gradient Weights of the elements; may be left out for a tensor of one element.
   * @param options.createGraph Record the gradients' own graph, to differentiate them again. Default false.
   */
  backward(gradient?: Tensor, { createGraph = false }: { createGraph?: boolean } = {}): void {
    if (!this.requiresGrad) {
      throw new TrainyardError(`backward: ${this} does not depend on any tensor with requiresGrad`)
    }
    if (!gradient && this.size !== 1) {
      throw new ShapeError(
        `backward: ${formatShape(this.shape)} is not one number; reduce it first (mean, sum) or give a gradient of its shape`,
      )
    }
    if (gradient && !sameShape(gradient.shape, this.shape)) {
      throw new ShapeError(`backward: gradient ${formatShape(gradient.shape)} for a tensor ${formatShape(this.shape)}`)
    }
    const record = createGraph ? enableGrad : noGrad
    record(() => {
      const leaves = gradientLeaves(this.#node, (node) => node.requiresGrad && leafOwners.has(node))
      const seed =
        gradient?.node ??
        g.expand(
          g.reshape(
            g.scalar(1),
            this.shape.map(() => 1),
          ),
          this.shape,
        )
      gradients(this.#node, leaves, seed).forEach((grad, i) => {
        if (!grad) return
        const owner = leafOwners.get(leaves[i])!
        const before = owner.grad
        owner.grad = new Tensor(before ? g.add(before.node, grad) : grad)
      })
    })
  }

  /** The same elements, cut off from gradients. */
  detach(): Tensor {
    return new Tensor(g.detach(this.#node))
  }

  // ——— Pointwise

  /** The sum, element by element. As in all operations on two, shapes are broadcast and int32 beside float32 gives float32. */
  add(other: Operand): Tensor {
    return new Tensor(g.add(this.#node, this.#operand('add', other)))
  }

  /** The difference, element by element. */
  sub(other: Operand): Tensor {
    return new Tensor(g.sub(this.#node, this.#operand('sub', other)))
  }

  /** The product, element by element; `matmul` is the product of matrices. */
  mul(other: Operand): Tensor {
    return new Tensor(g.mul(this.#node, this.#operand('mul', other)))
  }

  /** Real division; integers are converted first. */
  div(other: Operand): Tensor {
    return new Tensor(g.div(this.#node, this.#operand('div', other)))
  }

  /** To the power of `exponent`. */
  pow(exponent: Operand): Tensor {
    // Whole small powers as products: exact derivatives at 0 and no logarithm.
    if (exponent === 2) return new Tensor(g.mul(this.#node, this.#node))
    if (exponent === 0.5) return this.sqrt()
    return new Tensor(g.pow(this.#node, this.#operand('pow', exponent)))
  }

  /** What is left by division, with the sign of the divisor. */
  remainder(other: Operand): Tensor {
    return new Tensor(g.remainder(this.#node, this.#operand('remainder', other)))
  }

  /** The larger of two, element by element. Equal ones share the gradient. */
  maximum(other: Operand): Tensor {
    return new Tensor(g.maximum(this.#node, this.#operand('maximum', other)))
  }

  /** The smaller of two, element by element. Equal ones share the gradient. */
  minimum(other: Operand): Tensor {
    return new Tensor(g.minimum(this.#node, this.#operand('minimum', other)))
  }

  /** Where two are equal; bool. */
  eq(other: Operand): Tensor {
    return new Tensor(g.eq(this.#node, this.#operand('eq', other)))
  }

  /** Where two differ; bool. */
  ne(other: Operand): Tensor {
    return new Tensor(g.ne(this.#node, this.#operand('ne', other)))
  }

  /** Where this is less; bool. */
  lt(other: Operand): Tensor {
    return new Tensor(g.lt(this.#node, this.#operand('lt', other)))
  }

  /** Where this is less or equal; bool. */
  le(other: Operand): Tensor {
    return new Tensor(g.le(this.#node, this.#operand('le', other)))
  }

  /** Where this is greater; bool. */
  gt(other: Operand): Tensor {
    return new Tensor(g.gt(this.#node, this.#operand('gt', other)))
  }

  /** Where this is greater or equal; bool. */
  ge(other: Operand): Tensor {
    return new Tensor(g.ge(this.#node, this.#operand('ge', other)))
  }

  /** Where both hold; bool tensors only. */
  logicalAnd(other: Tensor): Tensor {
    return new Tensor(g.and(this.#node, nodeOf('logicalAnd', other)))
  }

  /** Where at least one holds; bool tensors only. */
  logicalOr(other: Tensor): Tensor {
    return new Tensor(g.or(this.#node, nodeOf('logicalOr', other)))
  }

  /** Where this does not hold; bool tensors only. */
  logicalNot(): Tensor {
    return new Tensor(g.not(this.#node))
  }

  /** The negative. */
  neg(): Tensor {
    return new Tensor(g.neg(this.#node))
  }

  /** The absolute value. */
  abs(): Tensor {
    return new Tensor(g.abs(this.#node))
  }

  /** −1, 0 or 1. No gradient flows through. */
  sign(): Tensor {
    return new Tensor(g.sign(this.#node))
  }

  /** e to the power of each element; float32 only. */
  exp(): Tensor {
    return new Tensor(g.exp(this.#node))
  }

  /** The natural logarithm; float32 only, NaN below 0. */
  log(): Tensor {
    return new Tensor(g.log(this.#node))
  }

  /** log(1 + x), exact near 0. */
  log1p(): Tensor {
    return new Tensor(g.log1p(this.#node))
  }

  /** The square root; float32 only, NaN below 0. */
  sqrt(): Tensor {
    return new Tensor(g.sqrt(this.#node))
  }

  /** 1 / √x; float32 only. */
  rsqrt(): Tensor {
    return new Tensor(g.rsqrt(this.#node))
  }

  /** 1 / x; float32 only. */
  reciprocal(): Tensor {
    return new Tensor(g.reciprocal(this.#node))
  }

  /** The sine of radians; float32 only. */
  sin(): Tensor {
    return new Tensor(g.sin(this.#node))
  }

  /** The cosine of radians; float32 only. */
  cos(): Tensor {
    return new Tensor(g.cos(this.#node))
  }

  /** The hyperbolic tangent; float32 only. */
  tanh(): Tensor {
    return new Tensor(g.tanh(this.#node))
  }

  /** 1 / (1 + exp(−x)), without overflow; float32 only. */
  sigmoid(): Tensor {
    return new Tensor(g.sigmoid(this.#node))
  }

  /** The error function; float32 only. */
  erf(): Tensor {
    return new Tensor(g.erf(this.#node))
  }

  /** max(x, 0). The gradient is 0 at 0; NaN stays NaN. */
  relu(): Tensor {
    return new Tensor(g.relu(this.#node))
  }

  /** To the integer below; float32 only. No gradient flows through. */
  floor(): Tensor {
    return new Tensor(g.floor(this.#node))
  }

  /** To the integer above; float32 only. No gradient flows through. */
  ceil(): Tensor {
    return new Tensor(g.ceil(this.#node))
  }

  /** To the nearest integer, halves to the even one. */
  round(): Tensor {
    return new Tensor(g.round(this.#node))
  }

  /** Where an element is NaN; bool. */
  isNaN(): Tensor {
    return new Tensor(g.isNaN(this.#node))
  }

  /**
   * Limits elements to low..high; either may be left out. As in PyTorch, gradients pass where an element is inside,
   * bounds included, and go to a bound (a tensor) where that was taken. NaN stays NaN.
   */
  clamp(low?: Operand, high?: Operand): Tensor {
    const raised = low === undefined ? this : this.lt(low).where(low, this)
    return high === undefined ? raised : raised.gt(high).where(high, raised)
  }

  /** Where this (bool) holds, `a`, else `b`. A number takes the type of the other one. */
  where(a: Operand, b: Operand): Tensor {
    if (typeof a === 'number') {
      const node = typeof b === 'number' ? g.scalar(b) : nodeOf('where', b)
      return new Tensor(g.where(this.#node, numberLike(a, node.dtype), node))
    }
    return new Tensor(g.where(this.#node, nodeOf('where', a), a.#operand('where', b)))
  }

  /** Converts the element type. */
  cast(dtype: DType): Tensor {
    return new Tensor(g.cast(this.#node, checkDType(dtype, 'cast')))
  }

  #operand(op: string, other: Operand): Node {
    return typeof other === 'number' ? numberLike(other, this.dtype) : nodeOf(op, other)
  }

  // ——— Reductions

  #reduce(name: 'sum' | 'max' | 'min', axes: Axes | undefined, { keepDims = false }: ReduceOptions): Tensor {
    const list = normalizeAxes(axes, this.ndim, name)
    const x = this.dtype === 'bool' ? g.cast(this.#node, 'int32') : this.#node
    const reduced = g[name](x, list)
    if (!keepDims) return new Tensor(reduced)
    return new Tensor(
      g.reshape(
        reduced,
        this.shape.map((size, axis) => (list.includes(axis) ? 1 : size)),
      ),
    )
  }

  /** The sum over the axes. */
  sum(axes?: Axes, options: ReduceOptions = {}): Tensor {
    return this.#reduce('sum', axes, options)
  }

  /** The mean over the axes. */
  mean(axes?: Axes, options: ReduceOptions = {}): Tensor {
    const count = sizeOf(normalizeAxes(axes, this.ndim, 'mean').map((axis) => this.shape[axis]))
    return this.cast('float32')
      .#reduce('sum', axes, options)
      .mul(1 / count)
  }

  /** The largest element over the axes. Gradients are divided equally among equals. */
  max(axes?: Axes, options: ReduceOptions = {}): Tensor {
    return this.#reduce('max', axes, options)
  }

  /** The smallest element over the axes. Gradients are divided equally among equals. */
  min(axes?: Axes, options: ReduceOptions = {}): Tensor {
    return this.#reduce('min', axes, options)
  }

  /** Where along the axis (default: the last) the largest element stands; the first of equals. int32. */
  argmax(axis = -1): Tensor {
    return new Tensor(g.argmax(this.#node, normalizeAxis(axis, this.ndim, 'argmax')))
  }

  /** Where along the axis (default: the last) the smallest element stands; the first of equals. int32. */
  argmin(axis = -1): Tensor {
    return new Tensor(g.argmin(this.#node, normalizeAxis(axis, this.ndim, 'argmin')))
  }

  /**
   * The variance over the axes.
   * @param options.correction What is subtracted from the number of elements in the divisor. Default 1, as in PyTorch.
   */
  var(axes?: Axes, { keepDims = false, correction = 1 }: ReduceOptions & { correction?: number } = {}): Tensor {
    const list = normalizeAxes(axes, this.ndim, 'var')
    const count = sizeOf(list.map((axis) => this.shape[axis]))
    const centered = this.sub(this.mean(list, { keepDims: true }))
    return centered
      .mul(centered)
      .sum(list, { keepDims })
      .mul(1 / Math.max(0, count - correction))
  }

  /** The standard deviation over the axes; `correction` as for `var`. */
  std(axes?: Axes, options: ReduceOptions & { correction?: number } = {}): Tensor {
    return this.var(axes, options).sqrt()
  }

  /** log(Σ exp(x)) over the axes, without overflow. */
  logSumExp(axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor {
    const list = normalizeAxes(axes, this.ndim, 'logSumExp')
    const largest = this.detach().max(list, { keepDims: true })
    // An infinite maximum would make inf − inf; such rows are shifted by 0.
    const shift = largest.abs().lt(Number.POSITIVE_INFINITY).where(largest, 0)
    const sum = this.sub(shift).exp().sum(list, { keepDims: true }).log().add(shift)
    return keepDims ? sum : sum.reshape(this.shape.filter((_, axis) => !list.includes(axis)))
  }

  /** exp(x) / Σ exp(x) along an axis. */
  softmax(axis: number): Tensor {
    const exponentials = this.sub(this.detach().max(axis, { keepDims: true })).exp()
    return exponentials.div(exponentials.sum(axis, { keepDims: true }))
  }

  /** The logarithm of the softmax along an axis, without overflow or loss of precision. */
  logSoftmax(axis: number): Tensor {
    const shifted = this.sub(this.detach().max(axis, { keepDims: true }))
    return shifted.sub(shifted.exp().sum(axis, { keepDims: true }).log())
  }

  // ——— Shape

  /** The same elements under another shape; one size may be -1. */
  reshape(shape: Shape): Tensor {
    return new Tensor(g.reshape(this.#node, resolveShape(shape, this.size, 'reshape')))
  }

  /** Joins the axes from `start` to `end` (both included) into one; all of them by default. */
  flatten(start = 0, end = -1): Tensor {
    if (this.ndim === 0) return this.reshape([1])
    const from = normalizeAxis(start, this.ndim, 'flatten')
    const to = normalizeAxis(end, this.ndim, 'flatten')
    if (from > to) throw new ShapeError(`flatten: axis ${start} comes after axis ${end}`)
    const joined = sizeOf(this.shape.slice(from, to + 1))
    return this.reshape([...this.shape.slice(0, from), joined, ...this.shape.slice(to + 1)])
  }

  /** Reorders the axes: axis i of the result is axis `order[i]` of this tensor. */
  permute(order: readonly number[]): Tensor {
    if (!Array.isArray(order)) {
      throw new ShapeError(`permute: the order is a list of axes, got ${received(order)}; write permute([1, 0])`)
    }
    return new Tensor(
      g.permute(
        this.#node,
        order.map((axis) => normalizeAxis(axis, this.ndim, 'permute')),
      ),
    )
  }

  /** Swaps two axes; the last two by default. */
  transpose(a = -2, b = -1): Tensor {
    const order = Array.from(this.shape.keys())
    const [i, j] = [normalizeAxis(a, this.ndim, 'transpose'), normalizeAxis(b, this.ndim, 'transpose')]
    order[i] = j
    order[j] = i
    return this.permute(order)
  }

  /** Stretches axes of size 1; -1 keeps a size; new axes may come in front. */
  expand(shape: Shape): Tensor {
    if (!Array.isArray(shape)) throw new ShapeError(`expand: a shape is a list of sizes, got ${received(shape)}`)
    const extra = shape.length - this.ndim
    if (extra < 0) throw new ShapeError(`expand: ${formatShape(this.shape)} has more axes than ${formatShape(shape)}`)
    const aligned = [...new Array<number>(extra).fill(1), ...this.shape]
    const target = shape.map((size, axis) => (size === -1 ? aligned[axis] : size))
    return new Tensor(g.expand(g.reshape(this.#node, aligned), target))
  }

  /** Puts an axis of size 1 before `axis`. */
  unsqueeze(axis: number): Tensor {
    const at = normalizeAxis(axis, this.ndim + 1, 'unsqueeze')
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)])
  }

  /** Takes away an axis of size 1, or all of them. */
  squeeze(axis?: number): Tensor {
    if (axis === undefined) return this.reshape(this.shape.filter((size) => size !== 1))
    const at = normalizeAxis(axis, this.ndim, 'squeeze')
    return this.shape[at] === 1 ? this.reshape(this.shape.filter((_, i) => i !== at)) : this
  }

  /** Adds elements around: `[before, after]` for each of the last axes, in the order of the axes. Default value 0. */
  pad(widths: readonly (readonly [number, number])[], value = 0): Tensor {
    const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger)
    if (!Array.isArray(widths) || !widths.every(isPair)) {
      throw new ShapeError(`pad: wants a list of pairs of integers [before, after], got ${JSON.stringify(widths)}`)
    }
    if (widths.length > this.ndim) {
      throw new ShapeError(`pad: ${widths.length} pairs for the ${this.ndim} axes of ${formatShape(this.shape)}`)
    }
    const all = [...new Array<readonly [number, number]>(this.ndim - widths.length).fill([0, 0]), ...widths]
    return new Tensor(
      g.pad(
        this.#node,
        all.map(([before]) => before),
        all.map(([, after]) => after),
        value,
      ),
    )
  }

  /**
   * Takes a part: one entry an axis from the first, the rest is taken whole. A number picks one index (counted from the
   * end if negative) and drops the axis; `[start, end, step]` takes a range, as Python's slices; null takes everything.
   *
   * @example
   * ```ts
   * const x = arange(12).reshape([3, 4])
   * await x.slice(-1, [0, 4, 2]).toArray() // [8, 10]
   * ```
   */
  slice(...specs: readonly IndexSpec[]): Tensor {
    const { start, end, step, shape } = resolveIndex(this.shape, specs)
    return new Tensor(g.reshape(g.slice(this.#node, start, end, step), shape))
  }

  /** Picks along an axis by an int32 tensor with as many axes, as PyTorch's gather. */
  gather(axis: number, index: Tensor): Tensor {
    return new Tensor(g.gather(this.#node, nodeOf('gather', index), normalizeAxis(axis, this.ndim, 'gather')))
  }

  /** Takes whole slices along an axis by a one-dimensional int32 tensor. */
  indexSelect(axis: number, index: Tensor): Tensor {
    if (index.ndim !== 1) {
      throw new ShapeError(`indexSelect: the index must have one axis, got ${formatShape(index.shape)}`)
    }
    const at = normalizeAxis(axis, this.ndim, 'indexSelect')
    const shape = this.shape.map((size, a) => (a === at ? index.size : size))
    return this.gather(at, index.reshape(shape.map((size, a) => (a === at ? size : 1))).expand(shape))
  }

  /** Ones where the elements (int32) equal the class, zeros elsewhere: a new last axis of size `classes`. */
  oneHot(classes: number): Tensor {
    if (this.dtype !== 'int32') {
      throw new DTypeError(`oneHot: class numbers must be int32, got ${this.dtype}; convert with cast('int32')`)
    }
    checkCount(classes, 'oneHot: classes', 1)
    const shape = [...this.shape, classes]
    return new Tensor(g.cast(g.eq(this.unsqueeze(-1).#node, g.iota(shape, this.ndim)), 'float32'))
  }

  // ——— Products

  /**
   * Matrix product over the last two axes; axes before are broadcast. A tensor of one axis counts as a row on the left
   * and as a column on the right.
   */
  matmul(other: Tensor): Tensor {
    nodeOf('matmul', other)
    if (this.ndim === 0 || other.ndim === 0) {
      throw new ShapeError(
        `matmul: ${formatShape(this.shape)} @ ${formatShape(other.shape)}: a scalar has no rows; use mul`,
      )
    }
    const a = this.ndim === 1 ? this.unsqueeze(0) : this
    const b = other.ndim === 1 ? other.unsqueeze(1) : other
    const product = a.#matmulMatrices(b)
    const shape = product.shape.filter(
      (_, axis) => !(this.ndim === 1 && axis === product.ndim - 2) && !(other.ndim === 1 && axis === product.ndim - 1),
    )
    return product.reshape(shape)
  }

  #matmulMatrices(other: Tensor): Tensor {
    // Without axes in front on the right, those on the left are rows: one large product instead of many small ones.
    if (other.ndim === 2 && this.ndim > 2) {
      const rows = this.reshape([-1, this.shape.at(-1)!])
      return rows.#matmulMatrices(other).reshape([...this.shape.slice(0, -1), other.shape[1]])
    }
    const rank = Math.max(this.ndim, other.ndim)
    const front = (t: Tensor) => [...new Array<number>(rank - t.ndim).fill(1), ...t.shape.slice(0, -2)]
    const [fa, fb] = [front(this), front(other)]
    const batch = fa.map((size, axis) => (size === 1 ? fb[axis] : size))
    const spread = (t: Tensor) => t.expand([...batch, ...t.shape.slice(-2)])
    const compatible = fa.every((size, axis) => size === fb[axis] || size === 1 || fb[axis] === 1)
    const [a, b] = compatible ? [spread(this), spread(other)] : [this, other]
    return new Tensor(g.matmul(a.#node, b.#node, false, false))
  }
}

/** The node of what should be a tensor. */
function nodeOf(op: string, value: Tensor): Node {
  if (!(value instanceof Tensor)) throw new TrainyardError(`${op}: wants a tensor or a number, got ${received(value)}`)
  return value.node
}

/** A number takes the type of the tensor beside it, but makes integers real when it is not whole. */
function numberLike(value: number, dtype: DType): Node {
  return g.scalar(value, dtype === 'int32' && Number.isInteger(value) ? 'int32' : 'float32')
}

/** Makes a tensor that is differentiated by: the node of another one, at which a functional gradient ends. */
export function independent(x: Tensor): Tensor {
  return new Tensor({ ...g.identity(x.node), requiresGrad: true })
}
