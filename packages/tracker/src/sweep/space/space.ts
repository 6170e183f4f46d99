import type { Distribution, Value } from '../distributions/distribution.ts'
import type { DistributionName } from '../distributions/table.ts'

/** The parameters of one trial, nested as the configuration nests them. */
export type Parameters = { [name: string]: Value }

/** One parameter of a search space. */
export interface Parameter {
  /** The keys that lead to it: one, or more where it is nested. */
  readonly path: readonly string[]
  /** The keys joined by dots, for people. */
  readonly name: string
  readonly type: DistributionName
  readonly distribution: Distribution
}

/** The value of a parameter in a trial's parameters, or `undefined` where it is not there. */
export function valueAt(parameters: Parameters, path: readonly string[]): Value | undefined {
  let value: Value | undefined = parameters
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
    value = (value as Parameters)[key]
  }
  return value
}

/** Sets the value of a parameter, making the maps around it where they are not there yet. */
export function setAt(parameters: Parameters, path: readonly string[], value: Value): void {
  let inner = parameters
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(inner, key)) inner[key] = {}
    inner = inner[key] as Parameters
  }
  inner[path[path.length - 1]] = value
}

/**
 * All parameters of a sweep, in the order of their names (nested ones in their parent's place): the order in which a grid
 * counts and in which arguments are written. A searcher sees the searchable ones as a point in the unit cube.
 */
export class Space {
  readonly parameters: readonly Parameter[]
  /** The parameters that are not constant. */
  readonly searchable: readonly Parameter[]

  constructor(parameters: readonly Parameter[]) {
    const before = (a: readonly string[], b: readonly string[]): number => {
      const index = a.findIndex((key, position) => key !== b[position])
      return index === -1 ? 0 : b[index] === undefined || a[index] > b[index] ? 1 : -1
    }
    this.parameters = parameters.toSorted((a, b) => before(a.path, b.path))
    this.searchable = this.parameters.filter(({ distribution }) => distribution.scale !== 'constant')
  }

  /** The parameters at a point of the unit cube, which has one coordinate for each searchable parameter. */
  at(point: readonly number[]): Parameters {
    const values = this.searchable.map(({ distribution }, index) => distribution.quantile(point[index]))
    return this.with(values)
  }

  /** The parameters with these values for the searchable ones. */
  with(values: readonly Value[]): Parameters {
    const result: Parameters = {}
    let index = 0
    for (const { path, distribution } of this.parameters)
      setAt(result, path, distribution.scale === 'constant' ? distribution.quantile(0) : values[index++])
    return result
  }

  /** The point of the unit cube at which these parameters lie; one that is missing is put in the middle. */
  place(parameters: Parameters): number[] {
    return this.searchable.map(({ path, distribution }) => {
      const value = valueAt(parameters, path)
      return value === undefined ? 0.5 : distribution.place(value)
    })
  }
}
