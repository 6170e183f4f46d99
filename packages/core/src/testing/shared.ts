import { existsSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../../../..')

/**
 * Where a file of the reference data beside the repository is (or in `TRAINYARD_SHARED`), and why a test that needs it is
 * skipped where it is absent: false where it is there, as `node:test` wants it.
 */
export function shared(...parts: string[]): { path: string; skip: string | false } {
  const path = join(process.env.TRAINYARD_SHARED ?? join(repository, '..', 'shared'), ...parts)
  return { path, skip: existsSync(path) ? false : `needs the reference data ${join('..', 'shared', ...parts)}` }
}
