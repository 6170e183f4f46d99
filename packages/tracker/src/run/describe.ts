/** What something that was thrown says of itself. Anything can be thrown, and asking it can throw again: this never does. */
export function describe(thrown: unknown, { stack = false } = {}): string {
  try {
    if (thrown instanceof Error) return String((stack ? thrown.stack : null) ?? thrown.message)
    return String(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}
