import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { assets } from '@trainyard/ui'

/** The folder of the built page; null where it was not built, and the server answers programs only. */
export function builtPage(): string | null {
  return existsSync(join(assets, 'index.html')) ? assets : null
}
