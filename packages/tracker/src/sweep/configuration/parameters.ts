import { valueKey } from '../distributions/distribution.ts'
import { type DistributionName, type DistributionRow, distributions, type Field } from '../distributions/table.ts'
import type { Parameter } from '../space/space.ts'
import { received } from './sections.ts'
import type { Source } from './source.ts'
import { unknownWord } from './suggest.ts'

type Path = readonly (string | number)[]
type Fields = Record<string, unknown>

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const names = Object.keys(distributions) as DistributionName[]
const allKeys = [
  'distribution',
  'parameters',
  ...new Set(names.flatMap((name) => Object.keys(distributions[name].fields))),
]

/** What the checks say: problems make the configuration useless, notices tell how something ambiguous was read. */
export interface Report {
  problem(path: Path, message: string, at: 'key' | 'value'): void
  notice(path: Path, message: string): void
}

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** The first value that JSON cannot hold, or undefined. */
function notJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  const items = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : undefined
  return items ? items.find((item) => notJson(item) !== undefined) : (value ?? 'undefined')
}

function checkField(field: Field, value: unknown): string | undefined {
  const number = typeof value === 'number' && Number.isFinite(value)
  switch (field.kind) {
    case 'any':
      return notJson(value) === undefined
        ? undefined
        : `expected a value that JSON can hold, received ${received(value)}`
    case 'list':
      if (!Array.isArray(value)) return `expected a list of values, received ${received(value)}`
      if (value.length === 0) return 'expected at least one value, received an empty list'
      return notJson(value) === undefined ? undefined : 'expected values that JSON can hold (no NaN or infinity)'
    case 'weights':
      return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number' && item >= 0)
        ? undefined
        : `expected a list of numbers, at least 0, received ${received(value)}`
    case 'number':
      return number ? undefined : `expected a number, received ${received(value)}`
    case 'whole':
      return Number.isSafeInteger(value) ? undefined : `expected a whole number, received ${received(value)}`
    case 'positive':
      return number && value > 0 ? undefined : `expected a number above 0, received ${received(value)}`
    case 'notNegative':
      return number && value >= 0 ? undefined : `expected a number, at least 0, received ${received(value)}`
  }
}

/** Which distribution is meant where none is named: wandb's rules, with the places where JavaScript cannot follow them said. */
function inferred(fields: Fields, path: Path, source: Source, report: Report): DistributionName | undefined {
  if ('value' in fields) return 'constant'
  if ('values' in fields) return 'probabilities' in fields ? 'categorical_w_probabilities' : 'categorical'
  const { min, max } = fields
  if (typeof min !== 'number' || typeof max !== 'number') {
    const known = 'value, values, min and max, parameters, or a distribution'
    report.problem(path, `does not say what it may be: give it ${known}`, 'key')
    return undefined
  }
  if (!Number.isInteger(min) || !Number.isInteger(max)) return 'uniform'
  const forms = [source.numberForm([...path, 'min']), source.numberForm([...path, 'max'])]
  if (forms[0] === undefined || forms[1] === undefined) {
    report.notice(
      path,
      `bounds ${min} and ${max} are whole, so it is int_uniform; say distribution: 'uniform' for fractions`,
    )
    return 'int_uniform'
  }
  if (forms[0] !== forms[1])
    report.notice(path, 'one bound is written as a whole number and one as a fraction, so it is uniform, as with wandb')
  return forms[0] === 'int' && forms[1] === 'int' ? 'int_uniform' : 'uniform'
}

function checkTogether(name: DistributionName, fields: Fields, path: Path, source: Source, report: Report): void {
  const { min, max, values, probabilities } = fields as { [key: string]: number } & {
    values?: unknown[]
    probabilities?: number[]
  }
  if (min !== undefined && min >= max)
    report.problem([...path, 'max'], `the maximum ${max} is not above the minimum ${min}`, 'value')
  if (name === 'int_uniform')
    for (const key of ['min', 'max'])
      if (source.numberForm([...path, key]) === 'float') {
        const message = `int_uniform takes whole numbers: write ${fields[key]} without a decimal point`
        report.problem([...path, key], message, 'value')
      }
  if (/^(q_|inv_)?log_uniform$/.test(name)) {
    const exponent = Math.max(Math.abs(min), Math.abs(max))
    const better = `${name}_values`
    if (exponent > 700)
      report.problem([...path, 'max'], `the bounds of ${name} are exponents of e; ${better} takes the values`, 'value')
    else {
      const [low, high] = (name === 'inv_log_uniform' ? [-max, -min] : [min, max]).map((x) =>
        Math.exp(x).toPrecision(3),
      )
      report.notice(path, `${name} takes exponents of e as bounds: from ${low} to ${high}; ${better} takes the values`)
    }
  }
  if (values && probabilities) {
    const sum = probabilities.reduce((total, item) => total + item, 0)
    if (values.length !== probabilities.length)
      report.problem([...path, 'probabilities'], `${probabilities.length} for ${values.length} values`, 'value')
    else if (Math.abs(sum - 1) > 1e-5)
      report.problem([...path, 'probabilities'], `add up to ${Number(sum.toPrecision(6))}, not to 1`, 'value')
  }
}

function readOne(fields: Fields, path: Path, source: Source, report: Report): Parameter | undefined {
  const stated = fields.distribution
  if (stated !== undefined && !names.includes(stated as DistributionName)) {
    const message =
      typeof stated === 'string'
        ? unknownWord('distribution', stated, names)
        : `expected the name of a distribution, received ${received(stated)}`
    report.problem([...path, 'distribution'], message, 'value')
    return undefined
  }
  const unknown = Object.keys(fields).filter((key) => !allKeys.includes(key))
  for (const key of unknown) report.problem([...path, key], unknownWord('key', key, allKeys), 'key')
  if (unknown.length > 0) return undefined
  const name = (stated as DistributionName | undefined) ?? inferred(fields, path, source, report)
  if (name === undefined) return undefined

  const row: DistributionRow = distributions[name]
  const complete: Fields = {}
  let good = true
  for (const key of Object.keys(fields))
    if (key !== 'distribution' && !(key in row.fields)) {
      const takes = Object.keys(row.fields).join(', ')
      report.problem([...path, key], `${name} does not take "${key}" (it takes: ${takes})`, 'key')
      good = false
    }
  for (const [key, field] of Object.entries(row.fields)) {
    complete[key] = fields[key] === undefined ? field.default : fields[key]
    if (fields[key] === undefined && !(key in fields && field.kind === 'any')) {
      if (field.default === undefined) {
        report.problem(path, `"${key}" is missing: ${name} needs it`, 'key')
        good = false
      }
      continue
    }
    const message = checkField(field, fields[key])
    if (message === undefined) continue
    report.problem([...path, key], message, 'value')
    good = false
  }
  if (!good) return undefined
  checkTogether(name, complete, path, source, report)
  const keys = path.slice(1).filter((_, index) => index % 2 === 0) as string[]
  return { path: keys, name: keys.join('.'), type: name, distribution: row.make(complete) }
}

/**
 * Reads the `parameters` of a sweep, nested ones too, and reports everything that is wrong with them.
 *
 * @param path The keys that lead to the map of parameters: `['parameters']`, and further ones where it is nested.
 */
export function readParameters(input: unknown, path: Path, source: Source, report: Report): Parameter[] {
  if (!isMap(input) || Object.keys(input).length === 0) {
    const what = input === undefined ? 'nothing' : isMap(input) ? 'an empty one' : received(input)
    report.problem(path, `expected a map from names to what each may be, received ${what}`, 'key')
    return []
  }
  return Object.entries(input).flatMap(([name, fields]) => {
    const inner = [...path, name]
    // JavaScript gives a meaning of its own to one name that the rule would allow.
    if (!NAME.test(name) || name === '__proto__') {
      const rule = 'a letter or _ first, then letters, digits, "_", "." and "-"'
      report.problem(inner, `the name of a parameter has ${rule}`, 'key')
      return []
    }
    if (!isMap(fields)) {
      const hint = Array.isArray(fields) ? `values: ${valueKey(fields)}` : `value: ${received(fields)}`
      report.problem(inner, `expected a map that says what it may be, such as {${hint}}`, 'value')
      return []
    }
    if ('parameters' in fields) {
      for (const key of Object.keys(fields))
        if (key !== 'parameters')
          report.problem([...inner, key], 'a parameter with nested parameters takes no other key', 'key')
      return readParameters(fields.parameters, [...inner, 'parameters'], source, report)
    }
    const parameter = readOne(fields, inner, source, report)
    return parameter ? [parameter] : []
  })
}
