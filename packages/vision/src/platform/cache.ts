import { builtin } from './builtin.ts'

/**
 * The folder that downloads are kept in: `TRAINYARD_CACHE` where it is set, else the system's usual place for caches
 * (`XDG_CACHE_HOME` or `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows) with `trainyard` added.
 */
export function cacheFolder(...parts: string[]): string {
  const { join } = builtin('node:path')
  const { TRAINYARD_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (TRAINYARD_CACHE) return join(TRAINYARD_CACHE, ...parts)
  const home = builtin('node:os').homedir()
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'trainyard', ...parts)
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'trainyard', ...parts)
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'trainyard', 'cache', ...parts)
  return join(home, '.cache', 'trainyard', ...parts)
}
