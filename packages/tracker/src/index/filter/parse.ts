/**
 * The little language of filters: `config.lr < 0.01 and summary.loss < 0.2`. jsep parses, this file gives it meaning and refuses the rest by
 * place and name.
 *
 * - columns as in the table: `state`, `config.optimizer.lr`, `min["val/acc"]`
 * - numbers, "texts" or 'texts', true, false, null, lists `[…]`
 * - `and or not && || !`, `== = != < <= > >=`, `in`, `contains` (part of a text, whatever the case; a tag among tags),
 *   `matches` (a text with `*` and `?`, whatever the case), `+ - * /`
 * - a column that a run has not compares as false, whatever the operator; `config.lr == null` finds those runs
 */
import jsep from 'jsep'
import { type ColumnRef, parseColumn } from '../columns.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
export type Arithmetic = '+' | '-' | '*' | '/'

/** A value: a number, a text, nothing, or computed from columns. */
export type Term =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'null' }
  | { type: 'column'; column: ColumnRef }
  | { type: 'arithmetic'; operator: Arithmetic; left: Term; right: Term }

/** True or false for each run. */
export type Condition =
  | { type: 'and' | 'or'; left: Condition; right: Condition }
  | { type: 'not'; inner: Condition }
  | { type: 'constant'; value: boolean }
  | { type: 'compare'; operator: Comparison; left: Term; right: Term }
  | { type: 'in'; left: Term; list: Term[] }
  | { type: 'tag'; left: Term; column: ColumnRef }
  | { type: 'contains' | 'matches'; left: Term; right: Term }
  | { type: 'truthy'; term: Term }

/** What jsep's tree can hold, with types that can be told apart. */
type Node =
  | { type: 'BinaryExpression'; operator: string; left: Node; right: Node }
  | { type: 'UnaryExpression'; operator: string; argument: Node }
  | { type: 'Identifier'; name: string }
  | { type: 'MemberExpression'; object: Node; property: Node; computed: boolean }
  | { type: 'Literal'; value: unknown; raw: string }
  | { type: 'ArrayExpression'; elements: (Node | null)[] }
  | { type: 'CallExpression' | 'Compound' | 'ThisExpression' | 'ConditionalExpression' | 'SequenceExpression' }

export class FilterError extends Error {
  override name = 'FilterError'
  /** Where in the text, from 0; −1 where it is no single place. */
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

const MAX_LENGTH = 10_000
const MAX_DEPTH = 60
const MAX_NODES = 400

let configured = false
function configure(): void {
  if (configured) return
  configured = true
  jsep.removeAllBinaryOps()
  jsep.removeAllUnaryOps()
  for (const operator of ['!', '-', '+', 'not']) jsep.addUnaryOp(operator)
  for (const operator of ['or', '||']) jsep.addBinaryOp(operator, 1)
  for (const operator of ['and', '&&']) jsep.addBinaryOp(operator, 2)
  for (const operator of ['==', '=', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'matches'])
    jsep.addBinaryOp(operator, 6)
  for (const operator of ['+', '-']) jsep.addBinaryOp(operator, 9)
  for (const operator of ['*', '/']) jsep.addBinaryOp(operator, 10)
  jsep.removeAllLiterals()
}

/** @throws FilterError that says what is wrong and where. */
export function parseFilter(text: string): Condition {
  if (text.trim() === '') return { type: 'constant', value: true }
  if (text.length > MAX_LENGTH)
    throw new FilterError(`a filter of ${text.length} characters: at most ${MAX_LENGTH}`, MAX_LENGTH)
  // jsep recurses into brackets: so many that it could overflow are no filter that a person wrote.
  if ((text.match(/[([{!~+-]/g)?.length ?? 0) > 1000) throw new FilterError('too many brackets or signs', -1)
  configure()
  let tree: Node
  // jsep binds `not` as tightly as a minus; people mean `not (a == b)`.
  const loose = loosenNot(text)
  try {
    tree = jsep(loose.text) as unknown as Node
  } catch (error) {
    const { index, description, message } = error as { index?: number; description?: string; message: string }
    throw new FilterError(`${description ?? message}`, index === undefined ? -1 : (loose.origins[index] ?? text.length))
  }
  return new Reader(text).condition(tree, 0)
}

/**
 * Puts brackets around what follows each `not`, up to the next `and`, `or` or closing bracket at its level.
 * @returns with the place in the original of each character.
 */
function loosenNot(text: string): { text: string; origins: number[] } {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[A-Za-z_$][\w$]*|&&|\|\||\s+|[\s\S]/g) ?? []
  let out = ''
  const origins: number[] = []
  let at = 0
  const add = (piece: string) => {
    for (let i = 0; i < piece.length; i++) origins.push(Math.min(text.length, at + i))
    out += piece
  }
  /** For each open bracket: how many brackets of ours are open inside it. */
  const open = [0]
  const close = () => {
    add(')'.repeat(open[open.length - 1]))
    open[open.length - 1] = 0
  }
  let previous = ''
  for (const token of tokens) {
    if (/^\s+$/.test(token)) {
      add(token)
      at += token.length
      continue
    }
    if (token === 'not' && previous !== '.') {
      open[open.length - 1]++
      add('!(')
    } else {
      if (token === 'and' || token === 'or' || token === '&&' || token === '||' || token === ',') close()
      if (token === ')' || token === ']') {
        close()
        if (open.length > 1) open.pop()
      }
      add(token)
      if (token === '(' || token === '[') open.push(0)
    }
    at += token.length
    previous = token
  }
  close()
  return { text: out, origins }
}

class Reader {
  private readonly text: string
  private nodes = 0

  constructor(text: string) {
    this.text = text
  }

  private enter(depth: number): void {
    if (depth > MAX_DEPTH) throw new FilterError(`nested more than ${MAX_DEPTH} deep`, -1)
    if (++this.nodes > MAX_NODES) throw new FilterError(`more than ${MAX_NODES} parts`, -1)
  }

  condition(node: Node, depth: number): Condition {
    this.enter(depth)
    if (node.type === 'BinaryExpression') {
      const { operator, left, right } = node
      switch (operator) {
        case 'and':
        case '&&':
          return { type: 'and', left: this.condition(left, depth + 1), right: this.condition(right, depth + 1) }
        case 'or':
        case '||':
          return { type: 'or', left: this.condition(left, depth + 1), right: this.condition(right, depth + 1) }
        case '=':
        case '==':
        case '!=':
        case '<':
        case '<=':
        case '>':
        case '>=':
          return {
            type: 'compare',
            operator: operator === '=' ? '==' : operator,
            left: this.term(left, depth + 1),
            right: this.term(right, depth + 1),
          }
        case 'contains':
        case 'matches': {
          const term = this.term(left, depth + 1)
          const other = this.term(right, depth + 1)
          return operator === 'contains' && isTags(term)
            ? { type: 'tag', left: other, column: term.column }
            : { type: operator, left: term, right: other }
        }
        case 'in':
          return this.in(left, right, depth)
      }
    }
    if (node.type === 'UnaryExpression') {
      const { operator, argument } = node
      if (operator === '!' || operator === 'not') return { type: 'not', inner: this.condition(argument, depth + 1) }
    }
    if (node.type === 'Identifier') {
      const { name } = node
      if (name === 'true' || name === 'false') return { type: 'constant', value: name === 'true' }
    }
    return { type: 'truthy', term: this.term(node, depth + 1) }
  }

  private in(left: Node, right: Node, depth: number): Condition {
    const term = this.term(left, depth + 1)
    if (right.type === 'ArrayExpression') {
      const { elements } = right
      return {
        type: 'in',
        left: term,
        list: elements.map((element) => {
          if (!element) throw new FilterError('a list with a gap', -1)
          return this.term(element, depth + 1)
        }),
      }
    }
    const column = this.term(right, depth + 1)
    if (!isTags(column)) throw new FilterError('after "in" comes a list such as ["a", "b"], or tags', -1)
    return { type: 'tag', left: term, column: column.column }
  }

  private term(node: Node, depth: number): Term {
    this.enter(depth)
    switch (node.type) {
      case 'Literal': {
        const { value, raw } = node
        // The parser takes a point, or a point and an exponent, for a number.
        if (Number.isNaN(value)) throw new FilterError(`"${raw}" is no number; write one such as 0.5 or 1e-3`, -1)
        if (typeof value === 'number') return { type: 'number', value }
        if (typeof value === 'string') return { type: 'text', value }
        break
      }
      case 'Identifier':
      case 'MemberExpression':
        return this.column(node)
      case 'UnaryExpression': {
        const { operator, argument } = node
        const inner = this.term(argument, depth + 1)
        if (operator === '+') return inner
        if (operator === '-')
          return inner.type === 'number'
            ? { type: 'number', value: -inner.value }
            : { type: 'arithmetic', operator: '-', left: { type: 'number', value: 0 }, right: inner }
        break
      }
      case 'BinaryExpression': {
        const { operator, left, right } = node
        if (operator === '+' || operator === '-' || operator === '*' || operator === '/')
          return { type: 'arithmetic', operator, left: this.term(left, depth + 1), right: this.term(right, depth + 1) }
        throw new FilterError(`"${operator}" where a value is expected: put it in brackets, or join with "and"`, -1)
      }
      case 'CallExpression':
        throw new FilterError('functions are not part of filters', this.text.indexOf('('))
      case 'Compound':
        throw new FilterError('two expressions in a row: join them with "and" or "or"', -1)
    }
    throw new FilterError(`a ${node.type} is not part of filters`, -1)
  }

  private column(node: Node): Term {
    const path = this.path(node)
    if (path === 'true' || path === 'false') return { type: 'number', value: path === 'true' ? 1 : 0 }
    if (path === 'null' || path === 'undefined') return { type: 'null' }
    if (path === 'NaN' || path === 'Infinity') return { type: 'text', value: path }
    const column = parseColumn(path)
    if (!column) {
      const meant = this.slashed(path)
      if (meant) throw new FilterError(`a key with "/" stands in brackets: ${meant}`, this.text.indexOf(path))
      throw new FilterError(
        `"${path}" is no column: they are name, state, created …, config.KEY, summary.KEY, and last, min, max, mean, first, count of a metric. A text stands in quotes`,
        this.text.indexOf(path),
      )
    }
    return { type: 'column', column }
  }

  /** `summary.val/loss` is a division for the parser: what was meant, where `part` is a part of such a key. */
  private slashed(part: string): string | null {
    for (const [, kind, key] of this.text.matchAll(/(\w+)\.([\w.]+(?:\/[\w.]+)+)/g))
      if (key.split('/').slice(1).includes(part) && parseColumn(`${kind}.${key}`)) return `${kind}["${key}"]`
    return null
  }

  /** `a.b["c/d"]` as `a.b.c/d`. */
  private path(node: Node): string {
    let path = ''
    let at = node
    for (;;) {
      if (at.type === 'Identifier') return at.name + path
      if (at.type !== 'MemberExpression') throw new FilterError('a column begins with a name', -1)
      const { object, property, computed } = at
      const part = computed
        ? property.type === 'Literal' && property.value
        : property.type === 'Identifier' && property.name
      if (typeof part !== 'string' && typeof part !== 'number')
        throw new FilterError('between [ and ] stands a key in quotes, such as summary["val/loss"]', -1)
      path = `.${part}${path}`
      at = object
    }
  }
}

function isTags(term: Term): term is Extract<Term, { type: 'column' }> {
  return term.type === 'column' && term.column.kind === 'field' && term.column.field === 'tags'
}
