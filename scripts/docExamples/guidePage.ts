import { readFileSync } from 'node:fs'

/** A page of the guide: its TypeScript blocks, which are one program in the order in which they stand. */
export interface GuidePage {
  readonly file: string
  /** With the lines of the page, so that messages name them; everything else is left out. */
  readonly code: string
  /** What `console.log` of some lines is said to print, by line. */
  readonly printed: ReadonlyMap<number, string>
}

/** Reads a page. */
export function readGuidePage(file: string): GuidePage {
  const printed = new Map<number, string>()
  let inside = false
  const lines = readFileSync(file, 'utf8').split('\n')
  const code = lines.map((line, i) => {
    if (line.startsWith('```')) {
      inside = !inside && line.trim() === '```ts'
      return ''
    }
    if (!inside) return ''
    const [, call, comment] = /^(\s*console\.log\(.*\)) \/\/ (.*)$/.exec(line) ?? []
    if (comment === undefined) return line
    printed.set(i + 1, comment)
    // Says which line speaks, then what.
    return call.replace('console.log(', `console.log('§${i + 1}', `)
  })
  return { file, code: `${code.join('\n')}\nexport {}\n`, printed }
}

/**
 * Compares what was printed with what the page says: the same but for spaces and quotation marks; `about 3` allows a fifth;
 * `prints …` and `such as …` are for people.
 */
export function saysWhatIsPrinted(output: string, comment: string): boolean {
  if (/^(prints|such as) /.test(comment)) return output !== ''
  const about = /^about (-?[\d.]+)$/.exec(comment)
  if (about) return Math.abs(Number(output) - Number(about[1])) <= Math.abs(0.2 * Number(about[1]))
  const bare = (text: string) => text.replace(/[\s'"]/g, '')
  return bare(output) === bare(comment)
}
