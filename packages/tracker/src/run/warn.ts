/** What a person at the terminal should know, each thing once. */
const said = new Set<string>()

/** @param once Two warnings of the same text here are one; default: the message. */
export function warn(message: string, once = message): void {
  if (said.has(once) || said.size > 1000) return
  said.add(once)
  try {
    process.stderr.write(`trainyard: ${message}\n`)
  } catch {
    // A closed terminal.
  }
}
