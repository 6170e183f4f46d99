import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it that are missing. Each level is made by itself: Node's own recursive way never
 * returns where a parent refuses a child with "no such file", as those in /proc do.
 *
 * @param advice What to do where it cannot be made; by default for the folder of runs.
 * @throws Error where one cannot be made, with the advice.
 */
export function makeFolder(
  path: string,
  advice = 'choose another with dir, --dir or the environment variable TRAINYARD_DIR',
): void {
  const missing: string[] = []
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at)
  for (const folder of missing) {
    try {
      mkdirSync(folder)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // Another process may have made it meanwhile.
      if (code === 'EEXIST') continue
      // With code and path, as the errors of the file system have them: callers tell a place by these from a fault.
      throw Object.assign(new Error(`the folder ${path} cannot be made: ${message}; ${advice}`, { cause: error }), {
        code,
        path: folder,
      })
    }
  }
}
