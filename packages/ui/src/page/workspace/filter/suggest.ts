/** What could come next in a filter: a column, an operator, a value, `and`. */
import { type Column, columnExpression } from '@trainyard/tracker/api'

export interface Suggestion {
  /** Put in the place of what was typed of it. */
  insert: string
  label: string
  hint: string
}

export interface Suggestions {
  /** The part of the text that a suggestion replaces. */
  from: number
  to: number
  list: Suggestion[]
}

type Token = { kind: 'column' | 'operator' | 'value' | 'join' | 'open'; text: string; from: number; to: number }

const pattern =
  /\s+|(?<column>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\["(?:[^"\\]|\\.)*"?\]?|\['(?:[^'\\]|\\.)*'?\]?)*\.?)|(?<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|-?\d[\w.+-]*)|(?<operator>[<>=!]=?)|(?<open>[([,])|./gy

const words = new Set(['and', 'or', 'not'])

function tokens(text: string): Token[] {
  const out: Token[] = []
  for (const match of text.matchAll(pattern)) {
    const [whole] = match
    const from = match.index
    const to = from + whole.length
    const { column, value, operator, open } = match.groups as { [name: string]: string | undefined }
    if (column !== undefined) {
      const kind = words.has(column)
        ? 'join'
        : column === 'in'
          ? 'operator'
          : column === 'true' || column === 'false' || column === 'null'
            ? 'value'
            : 'column'
      out.push({ kind, text: column, from, to })
    } else if (value !== undefined) out.push({ kind: 'value', text: value, from, to })
    else if (operator !== undefined) out.push({ kind: 'operator', text: operator, from, to })
    else if (open !== undefined) out.push({ kind: 'open', text: open, from, to })
    else if (whole.trim() !== '') out.push({ kind: 'value', text: whole, from, to })
  }
  return out
}

const comparisons: [string, string][] = [
  ['==', 'equal'],
  ['!=', 'different'],
  ['<', 'below'],
  ['<=', 'at most'],
  ['>', 'above'],
  ['>=', 'at least'],
]

const literal = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

/** Other names under which a metric can be asked for. */
function expressions(column: Column): string[] {
  if (column.kind !== 'metric') return [column.id]
  return ['summary', 'min', 'max', 'mean'].map((space) => `${space}.${column.key}`)
}

export function suggest(text: string, caret: number, columns: readonly Column[], most = 12): Suggestions {
  const before = tokens(text.slice(0, caret))
  const last = before.at(-1)
  const touching =
    last && last.to === caret && (last.kind === 'column' || last.kind === 'join' || last.kind === 'value')
      ? last
      : undefined
  const typed = touching?.text ?? ''
  const from = touching ? touching.from : caret
  const context = touching ? before.at(-2) : last
  const result = (list: Suggestion[]): Suggestions => ({ from, to: caret, list: list.slice(0, most) })
  const exact =
    touching?.kind === 'column' && columns.some((one) => expressions(one).some((id) => columnExpression(id) === typed))

  if (context?.kind === 'operator') {
    const subject = before.findLast((token) => token.kind === 'column' && token.to <= context.from)
    const column = columns.find((one) => expressions(one).some((id) => columnExpression(id) === subject?.text))
    const values = column?.values ?? []
    const wanted = typed.replace(/^["']/, '').toLowerCase()
    return result(
      values
        .filter((value) => value !== null && String(value).toLowerCase().includes(wanted) && literal(value) !== typed)
        .map((value) => ({ insert: `${literal(value)} `, label: literal(value), hint: '' })),
    )
  }
  if (context?.kind === 'column' && touching === undefined)
    return result([
      ...comparisons.map(([insert, hint]) => ({ insert: `${insert} `, label: insert, hint })),
      { insert: 'in ', label: 'in', hint: 'one of, or contains' },
    ])
  if (context?.kind === 'value')
    return result(
      ['and', 'or']
        .filter((word) => word.startsWith(typed) && word !== typed)
        .map((word) => ({ insert: `${word} `, label: word, hint: '' })),
    )
  if (exact) return result([])
  const wanted = typed
    .toLowerCase()
    .replaceAll(/[["'\]]/g, '.')
    .replaceAll(/\.+/g, '.')
    .replace(/\.$/, '')
  const found: (Suggestion & { rank: number })[] = []
  for (const column of columns)
    for (const id of expressions(column)) {
      const at = id.toLowerCase().indexOf(wanted)
      if (at < 0) continue
      const key = id.slice(id.indexOf('.') + 1).toLowerCase()
      const rank = key.startsWith(wanted) ? 0 : id.toLowerCase().startsWith(wanted) ? 1 : 2
      const base = column.swept ? 0 : column.kind === 'field' ? 1 : column.differs || column.kind === 'metric' ? 1 : 2
      const insert = `${columnExpression(id)} `
      found.push({ insert, label: id, hint: column.type, rank: rank * 4 + base })
      if (found.length > 3000) break
    }
  found.sort((a, b) => a.rank - b.rank)
  return result(found.map(({ rank: _, ...suggestion }) => suggestion))
}

/** The text with a suggestion in its place, and where the caret is then. */
export function accept(
  text: string,
  { from, to }: Suggestions,
  suggestion: Suggestion,
): { text: string; caret: number } {
  const rest = text.slice(to).replace(/^\s+/, '')
  return { text: text.slice(0, from) + suggestion.insert + rest, caret: from + suggestion.insert.length }
}
