/** Serves the built page from its folder; every address that is no file is the page itself, whose state is in the address. */
import { readFileSync, statSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { mimeOf } from '../store/mime.ts'

export interface StaticFile {
  bytes: Uint8Array
  type: string
  /** Its name holds a hash of its content, so it never changes. */
  unchanging: boolean
}

/** @returns null where there is no such file in the folder, or it lies outside. */
export function staticFile(folder: string, path: string): StaticFile | null {
  let relative: string
  try {
    relative = normalize(decodeURIComponent(path)).replace(/^[/\\]+/, '')
  } catch {
    return null
  }
  if (relative.includes('\0') || relative.split(/[\\/]/).includes('..')) return null
  const file = join(folder, relative || 'index.html')
  if (!file.startsWith(join(folder, sep))) return null
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return null
  return { bytes: readFileSync(file), type: mimeOf(file), unchanging: /^assets[\\/]/.test(relative) }
}

export function servePage(folder: string | null, path: string): Response {
  if (folder === null)
    return new Response('The API is at /api. The page was not built: run "npm run build".\n', { status: 404 })
  const found = staticFile(folder, path) ?? (/\.\w+$/.test(path) ? null : staticFile(folder, '/index.html'))
  if (!found) return new Response('not found\n', { status: 404 })
  const { bytes, type, unchanging } = found
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      'cache-control': unchanging ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  })
}
