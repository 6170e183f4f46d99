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
