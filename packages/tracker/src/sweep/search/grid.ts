import type { Space } from '../space/space.ts'
import type { Searcher } from './trial.ts'

/**
 * Every combination of the parameters' values, once. The order is wandb's: parameters by name, the last one counting
 * fastest. The n-th trial is the n-th combination, whoever asks for it.
 *
 * @throws RangeError where a parameter has no finite list of values.
 */
export function gridSearch(space: Space): Searcher & { readonly size: number } {
  const grids = space.searchable.map(({ name, distribution }) => {
    if (!distribution.grid) throw new RangeError(`a grid cannot walk over every value of ${name}`)
    return distribution.grid
  })
  const size = grids.reduce((product, grid) => product * grid.size, 1)
  return {
    size,
    ask(trials) {
      let index = trials.length
      if (index >= size) return 'done'
      const values = grids.toReversed().map((grid) => {
        const value = grid.at(index % grid.size)
        index = Math.floor(index / grid.size)
        return value
      })
      return { parameters: space.with(values.reverse()) }
    },
  }
}
