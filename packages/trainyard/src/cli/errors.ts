/** Errors of our packages, whose messages say in one line what was wrong and what to do. */
const explained = new Set([
  'TrainyardError',
  'ShapeError',
  'DTypeError',
  'FormatError',
  'StateDictError',
  'FileError',
  'CheckpointError',
  'NonFiniteLossError',
  'DataError',
  'ReportError',
  'NameError',
  'RunRefusedError',
  'Interrupted',
  'CommandError',
  'RunBusyError',
  'ServeError',
  'ColumnError',
  'NotFoundError',
  'ConflictError',
  'EventFileError',
  'ApiFailure',
  'SweepRunsError',
  'UnknownSweepError',
  'AgentError',
])

/** Whether an error explains itself: its class, or one that it extends, is one of ours. */
function isExplained(error: Error): boolean {
  for (let at: object | null = error; at; at = Object.getPrototypeOf(at)) {
    const { name } = (at as { constructor?: { name?: string } }).constructor ?? {}
    if (name !== undefined && explained.has(name)) return true
  }
  return explained.has(error.name)
}

/** What is said of an error: one line where the cause is known, the stack where it is a fault of ours. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // It shows the lines that it is about.
  if (error.name === 'SweepConfigurationError') return error.message
  const { code, path } = error as NodeJS.ErrnoException
  if (isExplained(error) || (code !== undefined && path !== undefined)) return error.message.replace(/\s*\n\s*/g, ' ')
  return `this should not have happened; please report it\n${error.stack ?? error.message}`
}
