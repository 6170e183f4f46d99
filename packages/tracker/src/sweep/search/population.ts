import type { Metric, Population } from '../configuration/sweep.ts'
import { Stream } from '../random/stream.ts'
import { type Parameters, type Space, valueAt } from '../space/space.ts'
import { randomParameters } from './random.ts'
import { isOver, type Searcher, type Trial } from './trial.ts'

/**
 * Population-based training (Jaderberg et al., "Population Based Training of Neural Networks", 2017). Each trial trains one
 * member for `interval` values of the metric and ends. The next trial of that member continues it; but where it is among the
 * worst of the population, it copies one of the best instead (exploit) and changes its parameters a little (explore). Members
 * do not wait for each other, so generations may drift apart. Programs have to write checkpoints and to continue from them.
 */
export function populationSearch(space: Space, metric: Metric, population: Population, seed: number): Searcher {
  const { size, interval, quantile } = population
  return {
    ask(trials) {
      const number = trials.length
      if (number < size)
        return { parameters: randomParameters(space, seed, number), iterations: interval, member: number }

      const latest = latestOfMembers(trials)
      const ready = latest
        .filter(({ state }) => isOver(state))
        .toSorted((a, b) => (a.iterations ?? 0) - (b.iterations ?? 0) || a.number - b.number)
      if (ready.length === 0) return 'wait'

      const [trial] = ready
      const { worst, best } = ends(ranked(trials, size, metric), quantile)
      const lost = trial.state !== 'finished' || !trial.metric
      const stream = new Stream(seed, number, 'population')
      if ((lost || worst.includes(trial)) && best.length > 0) {
        const model = best[stream.integer(best.length)]
        return {
          parameters: explore(space, model.parameters, population, stream),
          continues: model.number,
          iterations: (model.iterations ?? interval) + interval,
          member: trial.member,
        }
      }
      if (lost) return { parameters: randomParameters(space, seed, number), iterations: interval, member: trial.member }
      const iterations = (trial.iterations ?? interval) + interval
      return { parameters: trial.parameters, continues: trial.number, iterations, member: trial.member }
    },
  }
}

/** The last trial of each member. */
function latestOfMembers(trials: readonly Trial[]): Trial[] {
  return [...new Map(trials.map((trial) => [trial.member, trial])).values()]
}

/** Each member's last finished trial that has a value, best first: by its last value, since that is where it stands now. */
function ranked(trials: readonly Trial[], size: number, metric: Metric): Trial[] {
  const sign = metric.goal === 'maximize' ? -1 : 1
  return latestOfMembers(trials.filter((trial) => trial.state === 'finished' && trial.metric))
    .toSorted((a, b) => sign * (a.metric!.last - b.metric!.last) || a.number - b.number)
    .slice(0, size)
}

/** The best and the worst of the population, never the same members. */
function ends(members: readonly Trial[], quantile: number): { best: Trial[]; worst: Trial[] } {
  const count = Math.min(Math.max(1, Math.floor(quantile * members.length)), Math.floor(members.length / 2))
  if (count === 0) return { best: [...members], worst: [] }
  return { best: members.slice(0, count), worst: members.slice(-count) }
}

/**
 * Parameters near the given ones: each is drawn anew with probability `resample`, else a number is multiplied by one of the
 * `factors` and kept within its bounds, and a value of a list moves to its neighbour.
 */
export function explore(
  space: Space,
  parameters: Parameters,
  { resample, factors }: Pick<Population, 'resample' | 'factors'>,
  stream: Stream,
): Parameters {
  const values = space.searchable.map(({ path, distribution }) => {
    const value = valueAt(parameters, path) ?? null
    if (stream.uniform() < resample) return distribution.quantile(stream.uniform())
    const factor = factors[stream.integer(factors.length)]
    if (distribution.scale === 'category') {
      const { grid } = distribution
      if (!grid) return value
      const index = Math.floor(distribution.place(value) * grid.size)
      return grid.at(Math.min(Math.max(index + (factor < 1 ? -1 : 1), 0), grid.size - 1))
    }
    const moved = distribution.quantile(distribution.place(Number(value) * factor))
    // A small whole number may round back to itself: then it takes one step.
    const stuck = moved === value && factor !== 1 && distribution.grid
    return stuck ? distribution.quantile(distribution.place(Number(value) + Math.sign(factor - 1))) : moved
  })
  return space.with(values)
}
