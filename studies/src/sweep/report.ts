import { Document, visit } from 'yaml'
import { duration, Report } from '../report/index.ts'
import { effectsFigure, importanceFigure } from './effects.ts'
import { parallelFigure } from './parallel.ts'
import { correlationTable, spaceTable, trialsTable } from './tables.ts'
import { ranked, type SweepOutcome } from './trials.ts'

export interface SweepReportParts {
  readonly outcome: SweepOutcome
  /** Names of further metrics worth a column. */
  readonly further: readonly string[]
  readonly seconds: number
  /** How the next sweep is started. */
  readonly nextCommand: string
  /** What the study itself has to add, before the trials. */
  readonly before?: (report: Report) => void
}

/** A sweep's trials, what they show, how sure that is, and what to try next. */
export function sweepReport({ outcome, further, seconds, nextCommand, before }: SweepReportParts): Report {
  const { name, method, metric, goal, trials, analysis, best, id } = outcome
  const withValue = ranked(outcome)
  const counts = countsOf(trials.map(({ state }) => state))
  const report = new Report({
    title: `Sweep: ${name}`,
    lead: `${analysis.conclusions[0]} Each trial has settings of its own; ${goal === 'minimize' ? 'the lower' : 'the higher'} **${metric}**, the better.`,
    facts: [
      { label: 'trials', value: String(trials.length), detail: counts },
      ...(best?.value == null
        ? []
        : [{ label: `best ${metric}`, value: best.value.toPrecision(3), detail: `trial ${best.trial}` }]),
      ...(withValue.length > 1
        ? [
            {
              label: `worst ${metric}`,
              value: withValue.at(-1)!.value.toPrecision(3),
              detail: `trial ${withValue.at(-1)!.trial}`,
            },
          ]
        : []),
      { label: 'for everything', value: duration(seconds), detail: `method ${method}` },
    ],
  })
  before?.(report)
  report.section('What was searched').table(spaceTable(outcome))
  report.section('What came of it').figure(parallelFigure(outcome, further)).table(trialsTable(outcome, further))
  if (analysis.effects.length > 0)
    report
      .section('Trends')
      .figure(effectsFigure(outcome))
      .section('Importance')
      .figure(importanceFigure(outcome))
      .table(correlationTable(outcome))

  report.section('Conclusions').text(analysis.conclusions.map((sentence) => `- ${sentence}`).join('\n'))
  report.note(
    `**How far this carries.** Everything here rests on n = ${analysis.trials} trials. The same settings with another seed would give another ${metric}; how much is not known unless the sweep repeats its trials (\`repeat\` in the file).`,
  )
  const narrower = isNarrower(outcome)
  report
    .section('The next sweep')
    .text(analysis.narrower.notes.map(({ name, reason }) => `- \`${name}\`: ${reason}`).join('\n'))
    .text(
      narrower
        ? 'The same sweep with a space that leaves out what is clearly worse:'
        : 'Nothing speaks for a narrower space yet. More trials of the same one would tell more:',
    )
    .code(nextSweep(outcome))
    .text(`It lies beside this report as a file: \`${nextCommand}\`. This sweep, ${id}, stays as it is.`)
  return report
}

const isNarrower = ({ analysis }: SweepOutcome) => analysis.narrower.notes.some(({ changed }) => changed)

/** The file of a following sweep: the same but for the space. Without the seed, so that its trials are others. */
export function nextSweep(outcome: SweepOutcome): string {
  const { configuration, analysis, name } = outcome
  const { parameters, name: _name, seed: _seed, ...rest } = configuration as { [key: string]: unknown }
  const document = new Document({
    name: `${name}, ${isNarrower(outcome) ? 'narrower' : 'again'}`,
    ...rest,
    parameters: { ...(parameters as object), ...analysis.narrower.parameters },
  })
  visit(document, {
    Seq: (_key, list) => {
      list.flow = true
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function countsOf(states: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}
