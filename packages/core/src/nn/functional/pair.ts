import { received, ShapeError } from '../../errors.ts'

/** A size for both directions, or one for rows and one for columns. */
export type Pair = number | readonly [vertical: number, horizontal: number]

/** One number for all sides, two for rows and columns, or four for top, bottom, left and right. */
export type Padding =
  | number
  | readonly [vertical: number, horizontal: number]
  | readonly [top: number, bottom: number, left: number, right: number]

/** Brings a size to two numbers and checks them. */
export function pairOf(value: Pair, least: number, name: string): [number, number] {
  const pair = typeof value === 'number' ? [value, value] : Array.isArray(value) ? [...value] : []
  if (pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < least)) {
    throw new ShapeError(`${name} must be an integer of at least ${least}, or a pair of them, got ${received(value)}`)
  }
  return pair as [number, number]
}

/** Brings a padding to its four sides and checks them. */
export function sidesOf(value: Padding, name: string): [number, number, number, number] {
  const sides = typeof value === 'number' ? [value, value, value, value] : Array.isArray(value) ? [...value] : []
  if (sides.length === 2) sides.splice(0, 2, sides[0], sides[0], sides[1], sides[1])
  if (sides.length !== 4 || sides.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError(`${name} must be an integer of at least 0, a pair, or the four sides, got ${received(value)}`)
  }
  return sides as [number, number, number, number]
}
