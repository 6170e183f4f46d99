/** Where a server leaves word that it has a folder, and under which address it answers. */
import { join } from 'node:path'

export const serverLock = (dir: string): string => join(dir, 'server.lock')
/** JSON with `url`, `pid` and `token`; only meaningful while the lock's heart beats. */
export const serverAddress = (dir: string): string => join(dir, 'server.json')
