import type { Node } from './node.ts'

/** A text that is equal for equal attributes: part of the keys by which nodes and programs are known again. */
export function attributesKey({ attrs }: Node): string {
  // JSON knows neither -0 nor what is not finite: a fill of ∞ and one of -∞ would be the same.
  const { value } = attrs
  return typeof value === 'number' ? JSON.stringify({ ...attrs, value: numberKey(value) }) : JSON.stringify(attrs)
}

/** A text that is different for all different numbers, signed zeros included. */
export function numberKey(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
