/** Where something stands in a text, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with a sweep configuration. */
export interface Problem {
  /** The keys that lead to it, such as `['parameters', 'lr', 'min']`. */
  readonly path: readonly (string | number)[]
  /** What is wrong, what was received, and what is expected. */
  readonly message: string
  /** Where it stands, if the configuration came from a text. */
  readonly place?: Place
}

/** Keys joined by dots: `parameters.lr.values.2`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.join('.')
}

/** One problem as a compiler would print it, with the line it is about and a mark below it. */
export function problemText(problem: Problem, file: string, lines?: readonly string[]): string {
  const { path, message, place } = problem
  const where = place ? `${file}:${place.line}:${place.column}` : file
  const head = path.length > 0 ? `${where}: ${pathText(path)}: ${message}` : `${where}: ${message}`
  const line = place && lines?.[place.line - 1]
  if (!place || line === undefined) return head
  const number = `${place.line}`
  // Tabs stay tabs in the mark's indentation, so that the mark stands below the place however wide a tab is drawn.
  const indent = line.slice(0, place.column - 1).replace(/[^\t]/g, ' ')
  return `${head}\n  ${number} | ${line}\n  ${' '.repeat(number.length)} | ${indent}^`
}

/**
 * A sweep configuration that cannot be used. `problems` holds everything that was found, not the first thing only; the
 * message shows each with its file, line and column where the configuration came from a text.
 */
export class SweepConfigurationError extends Error {
  override readonly name = 'SweepConfigurationError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], file = 'sweep', text?: string) {
    const lines = text?.split(/\r?\n/)
    super(problems.map((problem) => problemText(problem, file, lines)).join('\n'))
    this.problems = problems
  }
}
