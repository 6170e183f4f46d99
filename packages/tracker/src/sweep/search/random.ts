import { Stream } from '../random/stream.ts'
import type { Parameters, Space } from '../space/space.ts'
import type { Searcher } from './trial.ts'

/** The parameters of trial `number` of a random search: they depend on the seed, the number and each parameter's name only. */
export function randomParameters(space: Space, seed: number, number: number): Parameters {
  return space.at(space.searchable.map(({ path }) => new Stream(seed, number, path.join('\0')).uniform()))
}

/** Independent draws from the parameters' distributions, without end. */
export function randomSearch(space: Space, seed: number): Searcher {
  return { ask: (trials) => ({ parameters: randomParameters(space, seed, trials.length) }) }
}
