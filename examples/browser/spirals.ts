import { fromArray, Generator, type Tensor } from '@trainyard/core'

/** Points on two arms of a spiral that wind around each other, and the arm of each: nothing a straight line could part. */
export interface Spirals {
  readonly points: Float32Array
  readonly arms: Float32Array
  /** [count, 2] */
  readonly x: Tensor
  /** [count, 1] */
  readonly y: Tensor
}

export function twoSpirals(count: number, seed: number): Spirals {
  const random = new Generator(seed)
  const noise = random.normal(2 * count)
  const points = new Float32Array(2 * count)
  const arms = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    arms[i] = i % 2
    const along = Math.sqrt(i / count)
    const angle = 3.2 * Math.PI * along + Math.PI * arms[i]
    points[2 * i] = along * Math.cos(angle) + 0.02 * noise[2 * i]
    points[2 * i + 1] = along * Math.sin(angle) + 0.02 * noise[2 * i + 1]
  }
  return { points, arms, x: fromArray(points, [count, 2]), y: fromArray(arms, [count, 1]) }
}

/** The middles of the cells of a square picture over [−1.1, 1.1]², row by row from the top: [cells · cells, 2]. */
export function gridOf(cells: number): Tensor {
  const middles = new Float32Array(2 * cells * cells)
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      middles[2 * (row * cells + column)] = RANGE * ((2 * column + 1) / cells - 1)
      middles[2 * (row * cells + column) + 1] = RANGE * (1 - (2 * row + 1) / cells)
    }
  }
  return fromArray(middles, [cells * cells, 2])
}

/** The picture reaches so far from its middle. */
export const RANGE = 1.1
