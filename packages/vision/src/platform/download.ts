import { reason } from '../errors.ts'
import { builtin } from './builtin.ts'

/** How a download that did not work out is told apart from other faults. */
export class DownloadError extends Error {
  override name = 'DownloadError'
}

/** The MD5 of bytes as 32 hexadecimal digits. A check against accidents, not against attackers. */
export function md5(bytes: Uint8Array): string {
  return builtin('node:crypto').createHash('md5').update(bytes).digest('hex')
}

/**
 * Fetches a URL into memory.
 *
 * @param url What to fetch.
 * @param options `maxBytes`: refuse anything longer, by its declared and by its actual length. `idleMilliseconds`: give up
 * when nothing arrives for so long (default 20 s).
 * @throws `DownloadError` with the URL and the reason.
 */
export async function download(
  url: string,
  options: { maxBytes: number; idleMilliseconds?: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const idle = options.idleMilliseconds ?? 20_000
  const controller = new AbortController()
  const giveUp = () => controller.abort(new Error(`nothing arrived for ${idle / 1000} s`))
  let timer = setTimeout(giveUp, idle)
  try {
    const response = await fetch(url, { signal: controller.signal })
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} ${response.statusText}`.trim())
    const declared = Number(response.headers.get('content-length') ?? 0)
    if (declared > options.maxBytes) throw new Error(`${declared} bytes declared, at most ${options.maxBytes} expected`)
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body) {
      clearTimeout(timer)
      timer = setTimeout(giveUp, idle)
      parts.push(part)
      length += part.length
      if (length > options.maxBytes) throw new Error(`more than the ${options.maxBytes} bytes expected`)
    }
    const bytes = new Uint8Array(length)
    let offset = 0
    for (const part of parts) {
      bytes.set(part, offset)
      offset += part.length
    }
    return bytes
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
    throw new DownloadError(`${url}: ${reason(cause)}`, { cause: thrown })
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}
