import { readFileSync } from 'node:fs'

/** A fenced example of a doc comment. */
export interface Example {
  /** The source file it stands in. */
  readonly file: string
  readonly line: number
  readonly code: string
}

/**
 * Finds the examples that are to be run: blocks fenced with ```ts in doc comments. One that needs something that is not
 * there (a file, a server) is fenced with ```ts no-run.
 */
export function examplesIn(file: string): Example[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const examples: Example[] = []
  let open: { line: number; code: string[] } | null = null
  for (const [i, line] of lines.entries()) {
    const text = /^\s*\* ?(.*)$/.exec(line)?.[1]
    if (text === undefined) continue
    if (open && text.startsWith('```')) {
      examples.push({ file, line: open.line, code: open.code.join('\n') })
      open = null
    } else if (open) open.code.push(text)
    else if (text.trim() === '```ts') open = { line: i + 1, code: [] }
  }
  return examples
}

/** The identifiers of a piece of code, those it declares itself left out. Comments and texts do not count. */
export function freeNames(code: string): Set<string> {
  const bare = code
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/(?<![\w$)\].])\.[A-Za-z_$]/g, '')
  const names = new Set(Array.from(bare.matchAll(/(?<![\w$.])[A-Za-z_$][\w$]*/g), ([name]) => name))
  for (const [, name] of bare.matchAll(/\b(?:class|function|const|let|interface|type)\s+([A-Za-z_$][\w$]*)/g)) {
    names.delete(name)
  }
  return names
}

/** Names that a source file or index exports as types alone. */
export function exportedTypes(file: string): Set<string> {
  const source = readFileSync(file, 'utf8')
  const names = new Set<string>()
  for (const [, name] of source.matchAll(/^export (?:interface|type) ([A-Za-z_$][\w$]*)/gm)) names.add(name)
  for (const [, all, list] of source.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const entry of list.split(',')) {
      const name = /^\s*(type )?\s*([A-Za-z_$][\w$]*)\s*$/.exec(entry)
      if (name && (all || name[1])) names.add(name[2])
    }
  }
  return names
}
