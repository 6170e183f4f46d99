import { type Correlation, clearCorrelations } from './correlations.ts'
import type { Forest } from './forest.ts'
import type { ImportanceReport } from './importance.ts'
import type { NarrowerSweep } from './narrower.ts'
import { labelOf, type Table, tableLosses } from './table.ts'

const FEWEST_TRIALS = 10

const percent = (share: number) => `${Math.round(100 * Math.max(share, 0))} %`
const trialsText = (count: number) =>
  count === 1 ? '1 trial' : `${count < 10_000 ? count : count.toLocaleString('en')} trials`
const list = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`

/**
 * What the trials teach, as sentences that say how many trials they rest on and how sure they are. With few trials they say
 * that little can be said.
 */
export function conclusions(
  forest: Forest,
  report: ImportanceReport,
  correlated: readonly Correlation[],
  narrower: NarrowerSweep,
): string[] {
  const { table } = forest
  const trials = table.values.length
  const sentences = [...bestSentence(table), ...leftOutSentences(forest)]
  if (trials === 0 || table.columns.length === 0) {
    if (trials > 0)
      sentences.push(`No parameter differs between the ${trialsText(trials)}, so there is nothing to compare.`)
    return sentences
  }
  if (trials < FEWEST_TRIALS)
    sentences.push(
      `${trialsText(trials)} are too few to say which parameter matters: with so few, chance alone makes differences as large as those seen here.`,
    )
  else {
    const clear = clearCorrelations(correlated)
    sentences.push(...importanceSentences(table, report, clear), ...correlationSentences(table, clear))
  }
  const changes = narrower.notes.filter(({ changed }) => changed)
  if (changes.length > 0)
    sentences.push(`For a following sweep: ${changes.map(({ name, reason }) => `${name} (${reason})`).join('; ')}.`)
  return sentences
}

function bestSentence(table: Table): string[] {
  const { ids, values, columns, metric } = table
  if (values.length === 0) return [`No trial has a value of ${metric}, so nothing can be said.`]
  const losses = tableLosses(table)
  const best = losses.reduce((a, loss, trial) => (loss < losses[a] ? trial : a), 0)
  const settings = columns.map((column) => `${column.name} = ${labelOf(column.values[best])}`)
  const where = settings.length > 0 ? `, with ${list(settings)}` : ''
  const among = values.length === 1 ? 'The only trial' : `The best of ${trialsText(values.length)}`
  return [`${among} is ${ids[best]}: ${metric} ${labelOf(values[best])}${where}.`]
}

function leftOutSentences({ table, tamed }: Forest): string[] {
  const sentences: string[] = []
  if (table.leftOut > 0)
    sentences.push(
      `${trialsText(table.leftOut)} had no finite value of ${table.metric} and ${table.leftOut === 1 ? 'is' : 'are'} left out.`,
    )
  if (tamed > 0)
    sentences.push(
      `${trialsText(tamed)} ${tamed === 1 ? 'is' : 'are'} so much worse than the rest that ${tamed === 1 ? 'it counts' : 'they count'} as less bad than ${tamed === 1 ? 'it is' : 'they are'}, so as not to hide all other differences.`,
    )
  return sentences
}

function importanceSentences(
  { metric }: Table,
  { trials, explained, parameters, interactions }: ImportanceReport,
  clear: readonly Correlation[],
): string[] {
  const sentences: string[] = []
  const real = parameters.filter((parameter) => parameter.real)
  const basis = `over ${trialsText(trials)}`
  if (real.length === 0 && clear.length === 0)
    sentences.push(`No parameter has an influence on ${metric} that can be told from chance, ${basis}.`)
  for (const { names, importance, low, high, chance } of real)
    sentences.push(
      `${names[0]} accounts for ${percent(importance)} of the differences in ${metric} (90 % interval ${percent(low)} to ${percent(high)}, ${basis}; by chance alone it would be at most ${percent(chance ?? 0)}).`,
    )
  // What the forest cannot tell beside a stronger parameter, a correlation may.
  const others = parameters
    .filter(({ names, real }) => !real && !clear.some(({ name }) => name === names[0]))
    .map(({ names }) => names[0])
  if (real.length + clear.length > 0 && others.length > 0)
    sentences.push(`For ${list(others)} no influence can be told from chance, ${basis}.`)
  const strong = interactions.filter(({ low }) => low > 0.1)
  for (const { names, importance, low, high } of strong.slice(0, 2))
    sentences.push(
      `${names[0]} and ${names[1]} act together: ${percent(importance)} of the differences come from their combination (90 % interval ${percent(low)} to ${percent(high)}, ${basis}).`,
    )
  if (explained !== undefined && explained < 0.2 && real.length + strong.length > 0)
    sentences.push(
      `The parameters predict ${metric} of unseen trials badly (${percent(explained)} of the differences, ${basis}), so take these shares with caution.`,
    )
  return sentences
}

function correlationSentences({ metric, goal }: Table, clear: readonly Correlation[]): string[] {
  // Of a category with two values, each is the opposite of the other: one sentence says it.
  const said = new Set<string>()
  return clear
    .filter(({ name, correlation }) => {
      const opposite = `${name} ${Math.abs(correlation).toFixed(12)}`
      return said.has(opposite) ? false : said.add(opposite)
    })
    .slice(0, 5)
    .map(({ name, value, correlation, low, high, trials }) => {
      const what = value === undefined ? `Higher ${name}` : `${name} = ${value}`
      const direction = correlation > 0 ? 'higher' : 'lower'
      const better = correlation > 0 === (goal === 'maximize') ? 'better' : 'worse'
      const figures = `Spearman ${correlation.toFixed(2)}, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${trialsText(trials)}`
      return `${what} goes with ${direction} (${better}) ${metric} (${figures}).`
    })
}
