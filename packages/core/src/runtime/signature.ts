import { numberKey } from '../graph/attributes.ts'
import { formatShape } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { isPlain } from './tree.ts'

/** Numbers for what arguments are told apart by: functions, symbols and objects with a class. */
const numbers = new WeakMap<WeakKey, number>()
let next = 0

function numberOf(value: WeakKey): string {
  let number = numbers.get(value)
  if (number === undefined) numbers.set(value, (number = next++))
  return `#${number}`
}

/**
 * A text that is the same for arguments under which a trace may be used again: tensors of the same types and shapes, and
 * the same everything else. Lists and object literals are the same if their contents are; functions and objects with a
 * class (a module, a generator), whose insides cannot be compared, if they are the same object with the same plain fields.
 *
 * @param batch Describe so many rows of each tensor.
 */
export function signatureOf(args: readonly unknown[], batch?: number): string {
  const describe = (value: unknown): string => {
    if (value instanceof Tensor) return `${value.dtype}${formatShape(batchShape(value.shape, batch))}`
    switch (typeof value) {
      case 'number':
        return numberKey(value)
      case 'string':
        return JSON.stringify(value)
      case 'bigint':
        return `${value}n`
      case 'function':
        return numberOf(value)
      case 'symbol':
        // Registered symbols are equal wherever they come from, and cannot be kept weakly.
        return Symbol.keyFor(value) === undefined ? numberOf(value) : String(value)
    }
    if (typeof value !== 'object' || value === null) return String(value)
    return describeObject(value)
  }
  const describeFields = (fields: [string, unknown][]): string =>
    fields.map(([key, field]) => `${JSON.stringify(key)}:${describe(field)}`).join()
  const describeObject = (value: object): string => {
    if (Array.isArray(value)) return `[${value.map(describe).join()}]`
    if (isPlain(value)) return `{${describeFields(Object.entries(value))}}`
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return `${value.constructor.name}[${Array.from(value as unknown as ArrayLike<number>, String).join()}]`
    }
    const plain = Object.entries(value).filter(([, field]) => typeof field !== 'object' && typeof field !== 'function')
    return `${numberOf(value)}{${describeFields(plain)}}`
  }
  return `[${args.map(describe).join()}]`
}

/** The shape of so many rows of a tensor. */
export function batchShape(shape: readonly number[], batch: number | undefined): readonly number[] {
  return batch === undefined ? shape : [batch, ...shape.slice(1)]
}
