import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SweepConfigurationError } from './problem.ts'
import { readSource } from './read.ts'
import { objectSource, type Source, textSource } from './source.ts'
import type { Sweep } from './sweep.ts'
import type { SweepConfiguration } from './types.ts'

const PROGRAM = /\.[cm]?[jt]s$/

/** A sweep file: the sweep, and the configuration it was read from, to keep with it. */
export interface SweepFile {
  readonly sweep: Sweep
  /** Where in the file something stands. */
  readonly source: Source
  /** The text of the file; the configuration as JSON, where the file was a program. */
  readonly text: string
}

/**
 * Loads a sweep from a file: YAML or JSON by wandb's schema, or a TypeScript or JavaScript module that exports the
 * configuration as its default.
 *
 * @throws SweepConfigurationError where the file is not there, or something in it is wrong.
 * @example const { sweep } = await loadSweepFile('sweep.yaml')
 */
export async function loadSweepFile(file: string): Promise<SweepFile> {
  if (!PROGRAM.test(file)) {
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      const known: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'is a folder, not a sweep file' }
      const why = known[cause.code ?? ''] ?? cause.message
      throw new SweepConfigurationError([{ path: [], message: why }], file)
    })
    const source = textSource(text, file)
    return { sweep: readSource(source), source, text }
  }
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause: Error) => {
    throw new SweepConfigurationError([{ path: [], message: `does not load: ${cause.message}` }], file)
  })) as { default?: SweepConfiguration }
  if (module.default === undefined) {
    const message = 'has no default export; write `export default { method: …, parameters: … }`'
    throw new SweepConfigurationError([{ path: [], message }], file)
  }
  const source = objectSource(module.default, file)
  return { sweep: readSource(source), source, text: JSON.stringify(module.default, undefined, 2) }
}
