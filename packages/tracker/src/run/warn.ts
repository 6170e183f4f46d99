/** What a person at the terminal should know, each thing once. */
const said = new Set<string>()
const ignore = () => {}
/** Warnings that are not written yet. */
let waiting = 0

/** @param once Two warnings of the same text here are one; default: the message. */
export function warn(message: string, once = message): void {
  if (said.has(once) || said.size > 1000) return
  said.add(once)
  const { stderr } = process
  try {
    // A closed terminal, or a pipe that nobody reads, must not end the program, as an error without a listener does.
    if (waiting++ === 0) stderr.on('error', ignore)
    stderr.write(`trainyard: ${message}\n`, () =>
      setImmediate(() => {
        if (--waiting === 0) stderr.off('error', ignore)
      }),
    )
  } catch {
    // A stream of the program's own.
  }
}
