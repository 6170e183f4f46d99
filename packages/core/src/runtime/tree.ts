import { Tensor } from '../tensor/tensor.ts'

/** Whether a value is an object literal, whose fields may hold tensors. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Copies nested lists and object literals with every tensor replaced. */
export function mapTensors(value: unknown, replace: (tensor: Tensor) => unknown): unknown {
  if (value instanceof Tensor) return replace(value)
  if (Array.isArray(value)) return value.map((element) => mapTensors(element, replace))
  if (isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, mapTensors(field, replace)]))
  }
  return value
}

/** The tensors in nested lists and object literals, in order. */
export function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = []
  mapTensors(value, (tensor) => found.push(tensor))
  return found
}
