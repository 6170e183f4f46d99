/** Where progress is written to: standard error of Node, or anything like it. */
export interface ProgressOutput {
  /** Writes a text as it is. */
  write(text: string): unknown
  /** Whether it is a terminal, on which a line can be written over. */
  readonly isTTY?: boolean
  /** Characters a line. */
  readonly columns?: number
}

/** Standard error, which leaves standard output to results; in a browser the console. */
export function defaultOutput(): ProgressOutput {
  const node = (globalThis as { process?: { stderr?: ProgressOutput } }).process
  return node?.stderr ?? { write: (text) => console.info(text.trimEnd()) }
}
