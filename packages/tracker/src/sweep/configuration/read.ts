// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import { Space, valueAt } from '../space/space.ts'
import { unknownMacros } from './command.ts'
import { type Report, readParameters } from './parameters.ts'
import { type Problem, pathText, SweepConfigurationError } from './problem.ts'
import { halvingRungs, hyperbandBands } from './rungs.ts'
import { checkSections, received, type Sections } from './sections.ts'
import { objectSource, type Source, textSource } from './source.ts'
import type { Metric, Stopping, Sweep } from './sweep.ts'
import type { Impute, Method, SweepConfiguration } from './types.ts'

export const DEFAULT_COMMAND = ['${env}', '${interpreter}', '${program}', '${args}']

/**
 * Reads a sweep from a configuration object with wandb's keys.
 *
 * @throws SweepConfigurationError with everything that is wrong with it.
 * @example readSweep({ method: 'grid', parameters: { depth: { values: [1, 2, 3] } } }).space.parameters.length // 1
 */
export function readSweep(configuration: SweepConfiguration, name?: string): Sweep {
  return readSource(objectSource(configuration, name))
}

/**
 * Reads a sweep from the text of a YAML or JSON file.
 *
 * @param file The file's name, for messages.
 * @throws SweepConfigurationError with everything that is wrong with it, each with its line and column.
 * @example readSweepText('method: grid\nparameters:\n  depth: {values: [1, 2, 3]}')
 */
export function readSweepText(text: string, file = 'sweep.yaml'): Sweep {
  return readSource(textSource(text, file))
}

/**
 * Reads a sweep from a configuration that knows where in its text things stand.
 *
 * @throws SweepConfigurationError with everything that is wrong with it.
 */
export function readSource(source: Source): Sweep {
  const problems: Problem[] = []
  const notices: string[] = []
  const report: Report = {
    problem: (path, message, at) =>
      problems.push({ path, message, place: at === 'key' ? source.keyPlace(path) : source.valuePlace(path) }),
    notice: (path, message) => notices.push(`${pathText(path)}: ${message}`),
  }

  const isMap = typeof source.value === 'object' && source.value !== null && !Array.isArray(source.value)
  if (!isMap) {
    const message = `expected a map with the keys of a sweep, received ${received(source.value)}`
    throw new SweepConfigurationError([{ path: [], message, place: source.valuePlace([]) }], source.file, source.text)
  }
  const { output, problems: found } = checkSections(source.value)
  for (const { path, message } of found)
    report.problem(path, message, message.startsWith('unknown key') ? 'key' : 'value')
  const given = (source.value as { parameters?: unknown }).parameters
  const parameters = readParameters(given, ['parameters'], source, report)
  const sweep = output && build(output, new Space(parameters), notices, report)
  if (sweep && problems.length === 0) checkMethod(sweep, report)
  if (!sweep || problems.length > 0) throw new SweepConfigurationError(sorted(problems), source.file, source.text)
  return sweep
}

const sorted = (problems: Problem[]): Problem[] =>
  problems.toSorted(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  )

function build(sections: Sections, space: Space, notices: string[], report: Report): Sweep {
  for (const key of ['entity', 'controller', 'scheduler', 'job', 'image_uri'] as const)
    if (sections[key] !== undefined) report.notice([key], "is for wandb's own service and is not used here")
  if (sections.metrics)
    report.problem(['metrics'], 'several objectives are not supported; use "metric" with one', 'key')
  if (sections.method === 'custom')
    report.problem(
      ['method'],
      'custom needs a scheduler written in Python, which is not run here; use bayes, tpe, random, grid or population',
      'value',
    )
  const command = (sections.command ?? DEFAULT_COMMAND).map(String)
  for (const macro of unknownMacros(command, space))
    report.notice(['command'], `there is no macro or parameter "${macro}" to put in place of $\{${macro}}`)
  return {
    method: sections.method as Method,
    space,
    metric: metricOf(sections.metric),
    stopping: stoppingOf(sections.early_terminate, report),
    population: sections.population,
    runCap: sections.run_cap,
    repeat: sections.repeat,
    retry: sections.retry,
    program: sections.program,
    command,
    name: sections.name,
    description: sections.description,
    project: sections.project,
    seed: sections.seed,
    notices,
  }
}

function metricOf(section: Sections['metric']): Metric | undefined {
  if (!section) return undefined
  const { name, goal, target, impute, impute_while_running: running } = section
  const imputeWhileRunning = running === false || running === 'false' ? undefined : (running as Impute)
  return { name, goal, target, impute, imputeWhileRunning }
}

function stoppingOf(section: Sections['early_terminate'], report: Report): Stopping | undefined {
  if (section === undefined) return undefined
  const path = ['early_terminate']
  switch (section.type) {
    case 'median':
      return { type: 'median', minIterations: section.min_iter, minTrials: section.min_trials }
    case 'hyperband': {
      const { min_iter, max_iter, s, eta, strict } = section
      if (max_iter === undefined && min_iter === undefined)
        report.problem(path, 'hyperband needs min_iter, or max_iter and s', 'key')
      else if (max_iter !== undefined && s === undefined)
        report.problem([...path, 'max_iter'], 'max_iter needs s, the number of brackets', 'key')
      const bands =
        max_iter === undefined
          ? hyperbandBands({ minIterations: min_iter ?? 1, eta })
          : hyperbandBands({ maxIterations: max_iter, brackets: s ?? 1, eta })
      if (bands.length === 0)
        report.problem([...path, 'max_iter'], `${max_iter} / eta (${eta}) is below 1, so there is no bracket`, 'value')
      return { type: 'hyperband', bands, eta, strict }
    }
    default: {
      const { type, min_iter, max_iter, eta } = section
      if (max_iter !== undefined && max_iter <= min_iter)
        report.problem([...path, 'max_iter'], `${max_iter} is not above min_iter, ${min_iter}`, 'value')
      return { type, rungs: halvingRungs(min_iter, max_iter, eta), eta }
    }
  }
}

/** What a method asks of the rest of the configuration. */
function checkMethod(sweep: Sweep, report: Report): void {
  const { method, space, metric, stopping, population, repeat } = sweep
  const needsMetric = method === 'bayes' || method === 'tpe' || method === 'population'
  if (needsMetric && !metric) report.problem(['method'], `${method} needs a "metric" to improve`, 'value')
  if (stopping && !metric) report.problem(['early_terminate'], 'needs a "metric" to compare trials by', 'key')
  if (needsMetric && space.searchable.length === 0)
    report.problem(['parameters'], `${method} needs at least one parameter that is not constant`, 'key')
  if (method === 'grid')
    for (const { path, distribution, type } of space.parameters)
      if (!distribution.grid) {
        const at = ['parameters', ...path.flatMap((key, index) => (index === 0 ? [key] : ['parameters', key]))]
        const takes = 'a grid takes values, value, int_uniform and q_uniform'
        const why =
          type === 'categorical_w_probabilities' ? 'has no use for probabilities' : 'cannot walk over every number'
        report.problem(at, `${type} ${why}: ${takes}`, 'key')
      }
  if (method !== 'grid' && sweep.runCap === undefined)
    report.notice(['run_cap'], `not given, so ${method} goes on until it is stopped`)
  if (method === 'population') {
    if (!population) report.problem(['method'], 'population needs a "population" section with its interval', 'value')
    if (stopping) report.problem(['early_terminate'], 'population-based training replaces trials itself', 'key')
    if (repeat) report.problem(['repeat'], 'the members of a population are not repeated', 'key')
  } else if (population) report.problem(['population'], `has no meaning for method ${method}`, 'key')
  if (repeat && stopping?.type === 'asha_promotion')
    report.problem(['repeat'], 'does not go with asha_promotion, which continues single trials', 'key')
  if (repeat && valueAt(space.with(space.searchable.map(() => null)), [repeat.parameter]) !== undefined)
    report.problem(['repeat', 'parameter'], `there is a parameter "${repeat.parameter}" already`, 'value')
}
