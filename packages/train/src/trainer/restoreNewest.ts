import { FormatError } from '@trainyard/core'
import { bestIn, latestIn, previousIn } from '../callbacks/checkpoints.ts'
import { defaultOutput } from '../progress/output.ts'
import { fileExists } from './files.ts'

/**
 * Takes over the newest sound state of a folder of checkpoints. A file that is damaged, or is no checkpoint, is passed over
 * with its reason, for the one before it.
 *
 * @param restore Takes over one file, or throws and changes nothing.
 * @returns Whether a file was passed over.
 * @throws What the newest one was refused with, where none can be used.
 */
export async function restoreNewest(folder: string, restore: (file: string) => Promise<void>): Promise<boolean> {
  const files = [latestIn(folder), previousIn(folder), bestIn(folder)].filter(fileExists)
  let refusal: FormatError | undefined
  for (const [i, file] of files.entries()) {
    try {
      await restore(file)
      return i > 0
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      refusal ??= error
      const next = files[i + 1]
      if (next !== undefined) defaultOutput().write(`${error.message}; going on from ${next}\n`)
    }
  }
  if (refusal) throw refusal
  return false
}
