import * as v from 'valibot'
import type { Problem } from './problem.ts'
import { unknownWord } from './suggest.ts'

/** What was received, short enough for a message. */
export function received(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? String(value)
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text
  return Array.isArray(value) ? `the list ${shown}` : typeof value === 'object' && value ? `the map ${shown}` : shown
}

const expected = (what: string) => (issue: { input: unknown }) => `expected ${what}, received ${received(issue.input)}`

const text = (what: string) => v.pipe(v.string(expected(what)), v.nonEmpty(expected(what)))
const whole = (minimum: number, what: string) =>
  v.pipe(v.number(expected(what)), v.safeInteger(expected(what)), v.minValue(minimum, expected(what)))
const above = (bound: number, what: string) =>
  v.pipe(v.number(expected(what)), v.finite(expected(what)), v.gtValue(bound, expected(what)))
const share = (what: string) =>
  v.pipe(v.number(expected(what)), v.minValue(0, expected(what)), v.maxValue(1, expected(what)))
const word = <const W extends readonly string[]>(what: string, words: W) =>
  v.picklist(words, (issue) =>
    typeof issue.input === 'string'
      ? unknownWord(what, issue.input, words)
      : `expected one of ${words.join(', ')}, received ${received(issue.input)}`,
  )

const impute = ['worst', 'best', 'latest'] as const

const metric = v.strictObject({
  name: text('the name of a metric that the program logs'),
  goal: v.optional(word('goal', ['minimize', 'maximize']), 'minimize'),
  target: v.optional(v.pipe(v.number(expected('a number')), v.finite(expected('a finite number')))),
  impute: v.optional(word('impute rule', impute), 'worst'),
  impute_while_running: v.optional(
    v.union([v.literal(false), word('impute rule', [...impute, 'false'])], (issue) =>
      unknownWord('impute rule', String(issue.input), [...impute, 'false']),
    ),
    'false',
  ),
})

const eta = v.optional(above(1, 'a number above 1'), 3)

const stopping = {
  hyperband: v.strictObject({
    type: v.literal('hyperband'),
    min_iter: v.optional(whole(1, 'a whole number of logged values, at least 1')),
    max_iter: v.optional(whole(1, 'a whole number of logged values, at least 1')),
    s: v.optional(whole(1, 'a whole number of brackets, at least 1')),
    eta,
    strict: v.optional(v.boolean(expected('true or false')), true),
  }),
  asha_stopping: v.strictObject({
    type: v.literal('asha_stopping'),
    min_iter: v.optional(whole(1, 'a whole number of logged values, at least 1'), 1),
    max_iter: v.optional(whole(1, 'a whole number of logged values, at least 1')),
    eta,
  }),
  asha_promotion: v.strictObject({
    type: v.literal('asha_promotion'),
    min_iter: v.optional(whole(1, 'a whole number of logged values, at least 1'), 1),
    max_iter: whole(1, 'the whole number of logged values of a full run'),
    eta,
  }),
  median: v.strictObject({
    type: v.literal('median'),
    min_iter: v.optional(whole(0, 'a whole number of logged values, at least 0'), 1),
    min_trials: v.optional(whole(1, 'a whole number of trials, at least 1'), 3),
  }),
}
const stoppingTypes = Object.keys(stopping)

const earlyTerminate = v.variant(
  'type',
  [stopping.hyperband, stopping.asha_stopping, stopping.asha_promotion, stopping.median],
  (issue) => {
    if (issue.path) return unknownWord('type', String(issue.input), stoppingTypes)
    const type = (issue.input as { type?: unknown } | undefined)?.type
    if (typeof issue.input === 'string') return `expected a map with "type: ${issue.input}" in it`
    return `expected a map with a "type", received ${received(type)} (known: ${stoppingTypes.join(', ')})`
  },
)

export const methods = ['grid', 'random', 'bayes', 'tpe', 'population', 'custom'] as const

/** All top-level keys but `parameters`, which has a table of its own. */
export const sections = v.strictObject({
  method: word('method', methods),
  parameters: v.optional(v.unknown()),
  metric: v.optional(metric),
  early_terminate: v.optional(earlyTerminate),
  run_cap: v.optional(whole(1, 'a whole number of trials, at least 1')),
  program: v.optional(text('the path of a program')),
  command: v.optional(
    v.pipe(
      v.array(
        v.union([v.string(), v.number(), v.boolean()], expected('a part of a command: text, a number, true or false')),
        expected('a list of the parts of a command'),
      ),
      v.nonEmpty('expected a list of the parts of a command, received an empty list'),
    ),
  ),
  name: v.optional(text('a name')),
  description: v.optional(v.string(expected('text'))),
  project: v.optional(text('the name of a project')),
  entity: v.optional(v.string(expected('text'))),
  seed: v.optional(whole(0, 'a whole number, at least 0')),
  repeat: v.optional(
    v.strictObject({
      count: whole(1, 'how many times each configuration runs: a whole number, at least 1'),
      parameter: v.optional(text('the name of a parameter'), 'seed'),
    }),
  ),
  retry: v.optional(
    v.strictObject({
      failed: v.optional(whole(0, 'a whole number of further tries, at least 0'), 0),
      crashed: v.optional(whole(0, 'a whole number of further tries, at least 0'), 2),
    }),
    {},
  ),
  population: v.optional(
    v.strictObject({
      size: v.optional(whole(2, 'a whole number of members, at least 2'), 8),
      interval: whole(1, 'how many values of the metric a generation logs: a whole number, at least 1'),
      quantile: v.optional(
        v.pipe(share('a share from 0 to 0.5'), v.maxValue(0.5, expected('a share from 0 to 0.5'))),
        0.25,
      ),
      resample: v.optional(share('a probability from 0 to 1'), 0.25),
      factors: v.optional(
        v.pipe(
          v.array(above(0, 'a number above 0'), expected('a list of numbers')),
          v.nonEmpty('expected at least one factor'),
        ),
        [0.8, 1.2],
      ),
    }),
  ),
  controller: v.optional(v.strictObject({ type: word('controller', ['local', 'cloud']) })),
  scheduler: v.optional(
    v.strictObject({
      engine: word('engine', ['optuna', 'ax', 'wandb']),
      source: v.optional(v.string(expected('a path'))),
      optimizer: v.optional(v.string(expected('the name of a function'))),
      search_space: v.optional(v.string(expected('the name of a function'))),
    }),
  ),
  metrics: v.optional(v.array(metric)),
  job: v.optional(v.string(expected('text'))),
  image_uri: v.optional(v.string(expected('text'))),
  apiVersion: v.optional(v.string(expected('text'))),
  kind: v.optional(word('kind', ['sweep'])),
})

export type Sections = v.InferOutput<typeof sections>

/** The keys that the map at this path may have, for messages. */
function knownKeys(path: readonly (string | number)[], type: unknown): readonly string[] {
  const [section] = path
  if (section === undefined) return Object.keys(sections.entries)
  if (section === 'early_terminate') return Object.keys(stopping[type as keyof typeof stopping]?.entries ?? {})
  const entry = sections.entries[section as keyof typeof sections.entries] as { wrapped?: { entries?: object } }
  return Object.keys((section === 'metrics' ? metric.entries : entry?.wrapped?.entries) ?? {})
}

/** Checks every section and returns them with their defaults, or what is wrong with them. */
export function checkSections(input: unknown): { output?: Sections; problems: Problem[] } {
  const result = v.safeParse(sections, input)
  if (result.success) return { output: result.output, problems: [] }
  const problems = result.issues.map((issue): Problem => {
    const path = (issue.path ?? []).map((item) => item.key as string | number)
    if (issue.type !== 'strict_object') return { path, message: issue.message }
    if (issue.path === undefined || (issue.expected === 'Object' && issue.input !== undefined))
      return { path, message: `expected a map of keys, received ${received(issue.input)}` }
    const key = String(path.at(-1))
    if (issue.expected === 'never') {
      const parent = issue.path.at(-1)?.input as { type?: unknown } | undefined
      return { path, message: unknownWord('key', key, knownKeys(path.slice(0, -1), parent?.type)) }
    }
    return { path: path.slice(0, -1), message: `"${key}" is missing` }
  })
  return { problems }
}
