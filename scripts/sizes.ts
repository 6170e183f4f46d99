/**
 * Prints how large the packages are once they are bundled and minified: `npm run sizes`, after `npm run build`. Core for a
 * browser stands alone; the others are counted without core, which a page or a program loads once.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.ts'

interface Size {
  readonly name: string
  readonly raw: number
  readonly gzip: number
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The path of a file that the build makes. */
function built(file: string): string {
  const path = join(root, file)
  if (!existsSync(path)) throw new Error(`sizes: ${file} is missing; run npm run build first`)
  return path
}

function sizeOf(name: string, files: readonly (string | Uint8Array)[]): Size {
  const sum = (of: (file: string | Uint8Array) => number) => files.reduce((all, file) => all + of(file), 0)
  return { name, raw: sum((file) => Buffer.byteLength(file)), gzip: sum((file) => gzipSync(file, { level: 9 }).length) }
}

/** Bundles a package's entry and its worker threads; parts that are loaded later count as well, shared ones once. */
async function sizeOfPackage(folder: string, entries: readonly string[], external: readonly RegExp[]): Promise<Size> {
  const input = entries.map((entry) => built(join('packages', folder, 'dist', entry)))
  const output = await bundle(input, [...external])
  return sizeOf(
    `@trainyard/${folder}`,
    output.map((part) => (part.type === 'chunk' ? part.code : part.source)),
  )
}

/** The page as it was built: all of it, or only what its first screen waits for. */
function page(): Size[] {
  const html = built('packages/ui/dist/page/index.html')
  const folder = dirname(html)
  const read = (file: string) => readFileSync(join(folder, file))
  const first = [...readFileSync(html, 'utf8').matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file)
  const all = globSync('**/*.*', { cwd: folder })
  return [
    sizeOf('the page, what its first screen loads', ['index.html', ...first].map(read)),
    sizeOf('the page, all of it', all.map(read)),
  ]
}

const sizes = [
  await sizeOfPackage('core', ['index.js'], [/^node:/]),
  await sizeOfPackage('train', ['index.js'], [/^node:/, /^@trainyard\/core$/]),
  await sizeOfPackage('vision', ['index.js', 'segmentation/worker.js'], [/^node:/, /^@trainyard\/core$/]),
  await sizeOfPackage('tracker', ['index.js', 'run/writerThread.js', 'run/interruptThread.js'], [/^node:/]),
  ...page(),
]
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
const rows = sizes.map(({ name, raw, gzip }) => [name, kilobytes(raw), kilobytes(gzip)])
const width = Math.max(...rows.map(([name]) => name.length))
for (const [name, raw, gzip] of [['bundle, minified', 'raw', 'gzip'], ...rows]) {
  console.log(`${name.padEnd(width)}  ${raw.padStart(10)}  ${gzip.padStart(10)}`)
}
