import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..')

/**
 * The path of a file or folder of reference data beside the repository, and why a test that needs it is skipped where it is
 * absent (false where it is there, as `node:test` wants it).
 */
export function shared(...parts: string[]): { path: string; skip: string | false } {
  const path = join(root, '..', 'shared', ...parts)
  return { path, skip: existsSync(path) ? false : `needs the reference data ${join('..', 'shared', ...parts)}` }
}
