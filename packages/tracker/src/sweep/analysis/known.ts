import type { Space } from '../space/space.ts'
import type { KnownParameter } from './table.ts'

/** What a sweep's space says about its parameters, for `analysisTable`: scales, bounds, and which take values from a list. */
export function knownParameters(space: Space): Record<string, KnownParameter> {
  return Object.fromEntries(
    space.searchable.map(({ name, type, distribution }): [string, KnownParameter] => {
      if (distribution.scale === 'category') return [name, { list: true }]
      const { scale } = distribution
      // Unbounded distributions have no ends worth drawing.
      if (/normal/.test(type)) return [name, { scale, list: false }]
      const [min, max] = [0, 1].map((unit) => Number(distribution.quantile(unit)))
      return [name, { scale, min, max, ...(type === 'int_uniform' ? {} : { list: false }) }]
    }),
  )
}
