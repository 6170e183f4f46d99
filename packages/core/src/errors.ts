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
