import type { Metric } from '../configuration/sweep.ts'
import { normalCumulative, normalDensity } from '../distributions/specialFunctions.ts'
import { Stream } from '../random/stream.ts'
import type { Space } from '../space/space.ts'
import { fitGaussianProcess, type GaussianProcess, type Prediction } from './gaussianProcess.ts'
import { observe } from './objective.ts'
import { randomParameters } from './random.ts'
import type { Searcher } from './trial.ts'

const CANDIDATES = 1000
const MAX_SAMPLES = 100
const MIN_SAMPLES = 2

/**
 * By how much a point is expected to fall below the best value so far (Jones, Schonlau and Welch, "Efficient Global
 * Optimization of Expensive Black-Box Functions", 1998).
 */
export function expectedImprovement({ mean, deviation }: Prediction, best: number): number {
  const gain = best - mean
  if (deviation <= 0) return Math.max(gain, 0)
  const z = gain / deviation
  return gain * normalCumulative(z) + deviation * normalDensity(z)
}

/**
 * Bayesian optimisation by wandb's rules: random until two trials have a finite value, then the best expected improvement
 * among 1,000 random points under a Gaussian process of at most 100 trials. Trials under way are taken to come out as the
 * process predicts, so that agents asking at the same time are sent to different places.
 *
 * Points are moved to where their values lie before they are judged, so that parameters with few values are judged by what
 * would really be run (Garrido-Merchán and Hernández-Lobato, "Dealing with Categorical and Integer-valued Variables in
 * Bayesian Optimization with Gaussian Processes", 2020).
 */
export function bayesSearch(space: Space, metric: Metric, seed: number): Searcher {
  return {
    ask(trials) {
      const number = trials.length
      const { observed, underWay, measured } = observe(trials, metric)
      if (measured < MIN_SAMPLES) return { parameters: randomParameters(space, seed, number) }

      const chosen = sample(observed, new Stream(seed, number, 'bayes samples'))
      const points = chosen.map(({ trial }) => space.place(trial.parameters))
      const losses = chosen.map(({ loss }) => loss)
      const best = Math.min(...observed.map(({ loss }) => loss))
      const process = withFantasies(
        points,
        losses,
        underWay.slice(0, MAX_SAMPLES - 5).map((trial) => space.place(trial.parameters)),
      )
      if (process.atBound) return { parameters: randomParameters(space, seed, number) }

      const stream = new Stream(seed, number, 'bayes candidates')
      let proposal = randomParameters(space, seed, number)
      let bestImprovement = 0
      for (let candidate = 0; candidate < CANDIDATES; candidate++) {
        const parameters = space.at(space.searchable.map(() => stream.uniform()))
        const improvement = expectedImprovement(process.predict(space.place(parameters)), best)
        if (improvement > bestImprovement) {
          proposal = parameters
          bestImprovement = improvement
        }
      }
      return { parameters: proposal }
    },
  }
}

/** At most `MAX_SAMPLES` of the observations, chosen at random, but always with the best one. */
function sample<O extends { readonly loss: number }>(observed: readonly O[], stream: Stream): readonly O[] {
  if (observed.length <= MAX_SAMPLES) return observed
  const best = observed.reduce((a, b) => (b.loss < a.loss ? b : a))
  const rest = observed.filter((observation) => observation !== best)
  return [best, ...stream.subset(rest.length, MAX_SAMPLES - 1).map((index) => rest[index])]
}

/** The process of the observations and, where trials are under way, of what it predicts for them. */
function withFantasies(points: number[][], losses: number[], underWay: number[][]): GaussianProcess {
  const process = fitGaussianProcess(points, losses)
  if (underWay.length === 0) return process
  const fantasies = underWay.map((point) => process.predict(point).mean)
  return fitGaussianProcess([...points, ...underWay], [...losses, ...fantasies])
}
