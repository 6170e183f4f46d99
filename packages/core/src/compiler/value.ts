import type { Node } from '../graph/node.ts'
import type { PointwiseName } from '../ops/names.ts'
import type { OpName } from '../ops/registry.ts'
import type { DType } from '../tensor/dtype.ts'
import { stridesOf } from '../tensor/shape.ts'
import { type Affine, add, affineKey, constantAffine, type LoopSet, scale, zero } from './affine.ts'
import { addressOf, isRowMajor, type Layout } from './layout.ts'

/** Something known about the loop counters: low ≤ index < high. */
export interface Condition {
  readonly index: Affine
  readonly low: number
  readonly high: number
}

/** What one turn of a kernel's loops computes: an expression over loads whose addresses are sums of loop counters. */
export type Value = { readonly key: string; readonly dtype: DType } & (
  | { readonly kind: 'load'; readonly source: Node; readonly address: Affine }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'index'; readonly index: Affine }
  | { readonly kind: 'random'; readonly words: Node; readonly stream: number; readonly position: Affine }
  | { readonly kind: 'apply'; readonly op: PointwiseName | 'cast'; readonly operands: readonly Value[] }
  | {
      readonly kind: 'guard'
      readonly conditions: readonly Condition[]
      readonly inside: Value
      readonly outside: Value
    }
  | {
      readonly kind: 'gather'
      readonly source: Node
      /** Address for index 0. */
      readonly address: Affine
      readonly index: Value
      readonly stride: number
      readonly size: number
    }
)

/** Thrown where a node's elements cannot be found with sums of counters: the node must be computed into memory. */
export class Unfusable extends Error {
  readonly node: Node
  constructor(node: Node) {
    super(`${node.op.name} #${node.id} cannot be read in place`)
    this.node = node
  }
}

export interface InlineContext {
  readonly loops: LoopSet
  /** Values met before, so that shared parts of a graph are walked once. */
  readonly memo: Map<string, Value>
  /** Whether the node is in memory (or will be, by a kernel before this one). */
  inMemory(node: Node): boolean
  layoutOf(node: Node): Layout
  /** Values computed by the same kernel, at the place the loops stand. */
  computed?(node: Node, coordinates: readonly Affine[]): Value | null
}

/** The element of a node at given coordinates, as an expression. Follows the graph down to what is in memory. */
export function inline(node: Node, coordinates: readonly Affine[], context: InlineContext): Value {
  const here = context.computed?.(node, coordinates)
  if (here) return here
  if (context.inMemory(node)) return load(node, coordinates, context)
  const place = `${node.id}@${coordinates.map((c) => affineKey(context.loops.resolve(c))).join()}`
  let value = context.memo.get(place)
  if (!value) context.memo.set(place, (value = inlineOperation(node, coordinates, context)))
  return value
}

function load(source: Node, coordinates: readonly Affine[], context: InlineContext): Value {
  return loadAt(source, addressOf(context.layoutOf(source), coordinates), context)
}

function loadAt(source: Node, place: Affine, { loops }: InlineContext): Value {
  const address = loops.resolve(place)
  return { kind: 'load', source, address, dtype: source.dtype, key: `load ${source.id} ${affineKey(address)}` }
}

export function constantValue(value: number, dtype: DType): Value {
  return { kind: 'constant', value, dtype, key: `${dtype} ${Object.is(value, -0) ? '-0' : value}` }
}

function apply(op: PointwiseName | 'cast', operands: readonly Value[], dtype: DType, loops: LoopSet): Value {
  const key = loops.intern(`${op}:${dtype}(${operands.map((o) => o.key).join()})`)
  return { kind: 'apply', op, operands, dtype, key }
}

/** As `inline`, but computes the node itself even where it is (to be) in memory: what its own kernel stores. */
export function inlineOperation(node: Node, coordinates: readonly Affine[], context: InlineContext): Value {
  const { inputs, attrs, dtype } = node
  const at = (input: Node, place: readonly Affine[]): Value => inline(input, place, context)
  if (node.op.kind === 'pointwise' && node.op.name !== 'detach' && node.op.name !== 'identity') {
    const operands = inputs.map((input) => at(input, coordinates))
    return apply(node.op.name as PointwiseName | 'cast', operands, dtype, context.loops)
  }
  switch (node.op.name as OpName) {
    case 'detach':
    case 'identity':
      return at(inputs[0], coordinates)
    case 'constant':
      return constantValue(attrs.value, dtype)
    case 'iota': {
      const index = context.loops.resolve(coordinates[attrs.axis])
      return { kind: 'index', index, dtype, key: `index ${affineKey(index)}` }
    }
    case 'random': {
      const position = context.loops.resolve(linear(coordinates, node.shape))
      const [words] = inputs
      const key = `random ${words.id}+${attrs.stream} ${affineKey(position)}`
      return { kind: 'random', words, stream: attrs.stream, position, dtype, key }
    }
    case 'reshape':
      return reshaped(node, coordinates, context)
    case 'permute': {
      const place = new Array<Affine>(coordinates.length)
      attrs.order.forEach((axis: number, i: number) => {
        place[axis] = coordinates[i]
      })
      return at(inputs[0], place)
    }
    case 'expand':
      return at(
        inputs[0],
        coordinates.map((c, axis) => (inputs[0].shape[axis] === 1 ? zero : c)),
      )
    case 'slice':
      return at(
        inputs[0],
        coordinates.map((c, axis) => add(scale(c, attrs.step[axis]), constantAffine(attrs.start[axis]))),
      )
    case 'pad': {
      const place = coordinates.map((c, axis) => add(c, constantAffine(-attrs.before[axis])))
      const conditions = place.flatMap((index, axis) =>
        attrs.before[axis] > 0 || attrs.after[axis] > 0 ? [{ index, low: 0, high: inputs[0].shape[axis] }] : [],
      )
      return guard(conditions, at(inputs[0], place), constantValue(attrs.value, dtype), context.loops)
    }
    case 'concat':
      return concatenated(node, coordinates, context)
    case 'gather': {
      const [source, index] = inputs
      if (!context.inMemory(source)) throw new Unfusable(source)
      refuseOwn(source, context)
      const layout = context.layoutOf(source)
      const address = context.loops.resolve(
        addressOf(
          layout,
          coordinates.map((c, axis) => (axis === attrs.axis ? zero : c)),
        ),
      )
      const place = at(index, coordinates)
      const [stride, size] = [layout.strides[attrs.axis], source.shape[attrs.axis]]
      const key = context.loops.intern(`gather ${source.id} ${affineKey(address)} ${stride} (${place.key})`)
      return { kind: 'gather', source, address, index: place, stride, size, dtype, key }
    }
    default:
      throw new Error(`compiler: ${node.op.name} has a kernel of its own and cannot be part of another`)
  }
}

/** Row-major memory is read by position, whatever its shape; otherwise the position is taken apart into coordinates. */
function reshaped(node: Node, coordinates: readonly Affine[], context: InlineContext): Value {
  const [source] = node.inputs
  const position = linear(coordinates, node.shape)
  if (context.inMemory(source) && isRowMajor(context.layoutOf(source), source.shape)) {
    refuseOwn(source, context)
    return loadAt(source, position, context)
  }
  const place = context.loops.unravel(position, source.shape)
  if (!place) throw new Unfusable(source)
  return inline(source, place, context)
}

/** What this very kernel computes is in memory only after it: nothing of it can be found there by address. */
function refuseOwn(source: Node, context: InlineContext): void {
  if (context.computed?.(source, [])) throw new Unfusable(source)
}

/** The value inside the conditions, the other outside; conditions that always hold are dropped. */
export function guard(conditions: readonly Condition[], inside: Value, outside: Value, loops: LoopSet): Value {
  if (conditions.length === 0) return inside
  const resolved = conditions.map((condition) => ({ ...condition, index: loops.resolve(condition.index) }))
  const text = resolved.map(({ index, low, high }) => `${low}<=${affineKey(index)}<${high}`).join('&')
  const key = loops.intern(`guard ${text} ? ${inside.key} : ${outside.key}`)
  return { kind: 'guard', conditions: resolved, inside, outside, dtype: inside.dtype, key }
}

function concatenated(node: Node, coordinates: readonly Affine[], context: InlineContext): Value {
  const { axis } = node.attrs
  let from = node.shape[axis]
  let value: Value | null = null
  for (const input of [...node.inputs].reverse()) {
    from -= input.shape[axis]
    const place = coordinates.map((c, a) => (a === axis ? add(c, constantAffine(-from)) : c))
    const part = inline(input, place, context)
    const conditions = [{ index: place[axis], low: 0, high: input.shape[axis] }]
    value = value ? guard(conditions, part, value, context.loops) : part
  }
  return value!
}

/** Row-major position of coordinates. */
export function linear(coordinates: readonly Affine[], shape: readonly number[]): Affine {
  const strides = stridesOf(shape)
  let position: Affine = zero
  coordinates.forEach((coordinate, axis) => {
    position = add(position, scale(coordinate, strides[axis]))
  })
  return position
}

/** Rewrites every sum of counters in a value. */
export function mapAffines(value: Value, change: (a: Affine) => Affine, memo = new Map<Value, Value>()): Value {
  const known = memo.get(value)
  if (known) return known
  const again = (v: Value): Value => mapAffines(v, change, memo)
  const changed = ((): Value => {
    switch (value.kind) {
      case 'constant':
        return value
      case 'load':
        return { ...value, address: change(value.address) }
      case 'index':
        return { ...value, index: change(value.index) }
      case 'random':
        return { ...value, position: change(value.position) }
      case 'apply':
        return { ...value, operands: value.operands.map(again) }
      case 'guard':
        return {
          ...value,
          conditions: value.conditions.map((c) => ({ ...c, index: change(c.index) })),
          inside: again(value.inside),
          outside: again(value.outside),
        }
      case 'gather':
        return { ...value, address: change(value.address), index: again(value.index) }
    }
  })()
  memo.set(value, changed)
  return changed
}

/** Calls `visit` with every value an expression consists of, each object once. */
export function forEachValue(value: Value, visit: (value: Value) => void, seen = new Set<Value>()): void {
  if (seen.has(value)) return
  seen.add(value)
  visit(value)
  if (value.kind === 'apply') for (const operand of value.operands) forEachValue(operand, visit, seen)
  if (value.kind === 'gather') forEachValue(value.index, visit, seen)
  if (value.kind === 'guard') {
    forEachValue(value.inside, visit, seen)
    forEachValue(value.outside, visit, seen)
  }
}
