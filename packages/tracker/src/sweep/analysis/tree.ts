import type { Stream } from '../random/stream.ts'

/** A part of the space that a tree gives one value: for each parameter, the cells from `low` up to (without) `high`. */
export interface Leaf {
  readonly low: Uint8Array
  readonly high: Uint8Array
  readonly value: number
}

export interface GrowOptions {
  /** For each parameter, the cell of each trial. */
  readonly cells: readonly Uint8Array[]
  /** The number of cells of each parameter. */
  readonly sizes: readonly number[]
  readonly targets: Float64Array
  /** How many parameters are tried at each split. */
  readonly tried: number
  readonly minLeaf: number
}

/**
 * Grows a regression tree (Breiman, Friedman, Olshen and Stone, 1984) on some trials, each as often as it is listed: every
 * split is the one between two cells that lowers the squared error most. Because parameters come cut into cells, the best
 * split of a parameter is found from sums per cell, without sorting.
 */
export function growTree(options: GrowOptions, sample: Uint32Array, stream: Stream): Leaf[] {
  const { cells, sizes, targets, tried, minLeaf } = options
  const leaves: Leaf[] = []
  const count = new Float64Array(256)
  const sum = new Float64Array(256)

  const split = (from: number, to: number, low: Uint8Array, high: Uint8Array): void => {
    let total = 0
    for (let index = from; index < to; index++) total += targets[sample[index]]
    const size = to - from
    let best = { gain: 1e-12 * Math.max(1, Math.abs(total)), parameter: -1, cell: -1 }
    if (size >= 2 * minLeaf)
      for (const parameter of stream.subset(sizes.length, tried)) {
        const cellOf = cells[parameter]
        count.fill(0, 0, sizes[parameter])
        sum.fill(0, 0, sizes[parameter])
        for (let index = from; index < to; index++) {
          const cell = cellOf[sample[index]]
          count[cell]++
          sum[cell] += targets[sample[index]]
        }
        let leftCount = 0
        let leftSum = 0
        let start = -1
        for (let cell = low[parameter]; cell < high[parameter]; cell++) {
          if (count[cell] > 0 && start >= 0 && leftCount >= minLeaf && size - leftCount >= minLeaf) {
            const right = total - leftSum
            const gain = (leftSum * leftSum) / leftCount + (right * right) / (size - leftCount) - (total * total) / size
            // Between two occupied cells any place would do; the middle is the fair one.
            if (gain > best.gain) best = { gain, parameter, cell: (start + cell + 1) >> 1 }
          }
          if (count[cell] === 0) continue
          start = cell
          leftCount += count[cell]
          leftSum += sum[cell]
        }
      }
    const { parameter, cell } = best
    if (parameter === -1) {
      leaves.push({ low, high, value: total / size })
      return
    }
    const cellOf = cells[parameter]
    let middle = from
    for (let index = from; index < to; index++)
      if (cellOf[sample[index]] < cell) {
        const other = sample[middle]
        sample[middle++] = sample[index]
        sample[index] = other
      }
    const leftHigh = high.slice()
    const rightLow = low.slice()
    leftHigh[parameter] = rightLow[parameter] = cell
    split(from, middle, low, leftHigh)
    split(middle, to, rightLow, high)
  }
  split(0, sample.length, new Uint8Array(sizes.length), Uint8Array.from(sizes))
  return leaves
}
