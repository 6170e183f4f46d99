/** An error that a user can act on: it names the operation, what was received, the rule and the fix. */
export class TrainyardError extends Error {
  override name = 'TrainyardError'
}

/** Shapes that do not go together. */
export class ShapeError extends TrainyardError {
  override name = 'ShapeError'
}

/** A data type an operation has no meaning for. */
export class DTypeError extends TrainyardError {
  override name = 'DTypeError'
}

/** Bytes that are not what they claim to be: a file cut short, damaged, or of another kind. */
export class FormatError extends TrainyardError {
  override name = 'FormatError'
}

/** A program that needs more memory than can be addressed. It has not run, and nothing has changed. */
export class ProgramTooLargeError extends TrainyardError {
  override name = 'ProgramTooLargeError'
  /** About how many rows of the first argument would fit; 0 where not even one does. */
  readonly fittingBatch: number

  constructor(message: string, fittingBatch: number) {
    super(message)
    this.fittingBatch = fittingBatch
  }
}

/** A value as a message shows what was received: short, on one line. */
export function received(value: unknown): string {
  switch (typeof value) {
    case 'function':
      return value.name ? `the function ${value.name}` : 'a function'
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
    case 'object':
      break
    default:
      return typeof value === 'bigint' ? `${value}n` : String(value)
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    const shown = value.slice(0, 6).map((element) => (Array.isArray(element) ? '[…]' : received(element)))
    return `[${shown.join(', ')}${value.length > 6 ? ', …' : ''}]`
  }
  const { name } = value.constructor ?? { name: 'Object' }
  return name === 'Object' ? `an object with ${Object.keys(value).join(', ') || 'no fields'}` : `a ${name}`
}

/** Refuses options of names that are not known: a rate that is misspelt would be the default's, without a word. */
export function checkNames(options: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(options).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const names = unknown.map((name) => `"${name}"`).join(' and ')
  throw new TrainyardError(`${what}: there is no option ${names}; there is ${known.join(', ')}`)
}
