/** Media types by file name and by first bytes: those that the page can show; everything else is just bytes. */

const byEnding: Record<string, string> = {
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  log: 'text/plain',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  ogg: 'audio/ogg',
  patch: 'text/x-diff',
  pdf: 'application/pdf',
  png: 'image/png',
  safetensors: 'application/octet-stream',
  svg: 'image/svg+xml',
  ts: 'text/plain',
  txt: 'text/plain',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  woff2: 'font/woff2',
  yaml: 'text/yaml',
  yml: 'text/yaml',
}

/** What a browser may be told a file is; whatever else somebody claims is served as bytes. */
export const shownTypes: ReadonlySet<string> = new Set(
  Object.values(byEnding).filter((type) => type !== 'text/javascript' && type !== 'text/css'),
)

export function mimeOf(fileName: string): string {
  const ending = /\.([A-Za-z0-9]+)$/.exec(fileName)?.[1].toLowerCase() ?? ''
  return byEnding[ending] ?? 'application/octet-stream'
}

/** What an encoded picture is, by its first bytes; null where it is none that browsers show. */
export function imageMime(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256))
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png'
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg'
  if (head.subarray(0, 4).toString('latin1') === 'GIF8') return 'image/gif'
  if (head.subarray(0, 4).toString('latin1') === 'RIFF' && head.subarray(8, 12).toString('latin1') === 'WEBP')
    return 'image/webp'
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?<svg[\s>]/.test(head.toString('utf8'))) return 'image/svg+xml'
  return null
}
