/**
 * A file or data set that cannot be used as it is: missing, damaged, mislabelled or inconsistent. The message is one line
 * that says which file, what is wrong with it and what to do, so a command line can print it as it stands.
 *
 * @example
 * try { await mnist({ data: 'folder' }) } catch (error) { if (error instanceof DataError) console.error(error.message) }
 */
export class DataError extends Error {
  override name = 'DataError'
  /** The file or folder at fault, where there is one. */
  readonly file: string | undefined

  constructor(message: string, options: { file?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.file = options.file
  }
}

/** The text of whatever was thrown, for messages that quote it; some libraries end theirs in a colon. */
export function reason(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/[\s:]+$/, '')
}
