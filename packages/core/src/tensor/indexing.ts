import { ShapeError } from '../errors.ts'
import { formatShape, type Shape } from './shape.ts'

/** How one axis is indexed: one index, `[start, end, step]`, or null for all of it. */
export type IndexSpec = number | readonly [start?: number | null, end?: number | null, step?: number] | null

interface Resolved {
  readonly start: number[]
  readonly end: number[]
  readonly step: number[]
  /** The shape after axes indexed by a number are dropped. */
  readonly shape: number[]
}

/** Brings Python-like indices to ranges inside the shape. Ranges are cut to the axis; single indices must be inside. */
export function resolveIndex(shape: Shape, specs: readonly IndexSpec[]): Resolved {
  if (specs.length > shape.length) {
    throw new ShapeError(`slice: ${specs.length} indices for the ${shape.length} axes of ${formatShape(shape)}`)
  }
  const resolved: Resolved = { start: [], end: [], step: [], shape: [] }
  shape.forEach((size, axis) => {
    const spec = specs[axis] ?? null
    if (typeof spec === 'number') {
      const at = spec < 0 ? spec + size : spec
      if (!Number.isInteger(spec) || at < 0 || at >= size) {
        throw new ShapeError(`slice: index ${spec} is out of range for axis ${axis} of ${formatShape(shape)}`)
      }
      resolved.start.push(at)
      resolved.end.push(at + 1)
      resolved.step.push(1)
      return
    }
    const [from, to, by = 1] = spec ?? []
    if (!Number.isInteger(by) || by < 1) {
      throw new ShapeError(`slice: step ${by} on axis ${axis} must be an integer of at least 1`)
    }
    const bound = (value: number | null | undefined, otherwise: number): number => {
      if (value === null || value === undefined) return otherwise
      if (!Number.isInteger(value)) throw new ShapeError(`slice: bound ${value} on axis ${axis} must be an integer`)
      return Math.min(size, Math.max(0, value < 0 ? value + size : value))
    }
    const start = bound(from, 0)
    const end = Math.max(start, bound(to, size))
    resolved.start.push(start)
    resolved.end.push(end)
    resolved.step.push(by)
    resolved.shape.push(Math.ceil((end - start) / by))
  })
  return resolved
}
