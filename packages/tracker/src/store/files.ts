import { lstatSync } from 'node:fs'

/**
 * The size of a file; null where there is none, or something else is in its place. A run's folder may come from anybody: a link in it would show
 * other files of this machine, and a pipe or device would keep its reader waiting for ever.
 */
export function fileSize(path: string): number | null {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found?.isFile() ? found.size : null
  } catch {
    return null
  }
}
