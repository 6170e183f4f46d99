/** A filter as a function, for where there is no database: the same meaning as the SQL, which the tests hold it to. */
import type { Cell, ColumnRef } from '../columns.ts'
import { containsText, matchesGlob } from './match.ts'
import type { Arithmetic, Comparison, Condition, Term } from './parse.ts'

/** What a run has in a column; of `tags` the list of them. */
export type Lookup = (column: ColumnRef) => Cell | readonly string[]

type Value = { number: number | null; text: string | null }
const nothing: Value = { number: null, text: null }

export function compile(condition: Condition): (lookup: Lookup) => boolean {
  switch (condition.type) {
    case 'and': {
      const [left, right] = [compile(condition.left), compile(condition.right)]
      return (run) => left(run) && right(run)
    }
    case 'or': {
      const [left, right] = [compile(condition.left), compile(condition.right)]
      return (run) => left(run) || right(run)
    }
    case 'not': {
      const inner = compile(condition.inner)
      return (run) => !inner(run)
    }
    case 'constant':
      return () => condition.value
    case 'compare': {
      const { operator } = condition
      const [left, right] = [term(condition.left, condition.right), term(condition.right, condition.left)]
      if (condition.left.type === 'null' || condition.right.type === 'null') {
        const one = condition.left.type === 'null' ? right : left
        const isNull = (value: Value) => value.number === null && value.text === null
        if (operator === '==') return (run) => isNull(one(run))
        if (operator === '!=') return (run) => !isNull(one(run))
        return () => false
      }
      return (run) => compare(operator, left(run), right(run))
    }
    case 'in': {
      const left = term(condition.left)
      const list = condition.list.map((item) => term(item))
      return (run) => {
        const value = left(run)
        return list.some((item) => compare('==', value, item(run)))
      }
    }
    case 'tag': {
      const left = term(condition.left)
      return (run) => {
        const tags = run(condition.column)
        const { text } = left(run)
        return Array.isArray(tags) && text !== null && tags.includes(text)
      }
    }
    case 'contains':
    case 'matches': {
      const [left, right] = [term(condition.left), term(condition.right)]
      const test = condition.type === 'contains' ? containsText : matchesGlob
      return (run) => {
        const a = left(run).text
        const b = right(run).text
        return a !== null && b !== null && test(a, b)
      }
    }
    case 'truthy': {
      const inner = term(condition.term)
      return (run) => {
        const { number, text } = inner(run)
        return number !== null ? number !== 0 : text !== null && text !== ''
      }
    }
  }
}

const isTime = (other: Term | undefined): boolean =>
  other?.type === 'column' &&
  other.column.kind === 'field' &&
  (other.column.field === 'created' || other.column.field === 'updated')

/** A text beside a time is a date. */
export function dateBeside(text: string, other: Term | undefined): number | null {
  if (!isTime(other)) return null
  const time = Date.parse(text) / 1000
  return Number.isNaN(time) ? null : time
}

function term(node: Term, other?: Term): (run: Lookup) => Value {
  switch (node.type) {
    case 'number': {
      const value = { number: node.value, text: null }
      return () => value
    }
    case 'text': {
      const date = dateBeside(node.value, other)
      const value = date === null ? { number: null, text: node.value } : { number: date, text: null }
      return () => value
    }
    case 'null':
      return () => nothing
    case 'column':
      return (run) => {
        const cell = run(node.column)
        return Array.isArray(cell) ? { number: null, text: JSON.stringify(cell) } : (cell as Cell)
      }
    case 'arithmetic': {
      const [left, right] = [term(node.left), term(node.right)]
      return (run) => ({ number: arithmetic(node.operator, left(run).number, right(run).number), text: null })
    }
  }
}

function arithmetic(operator: Arithmetic, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null
  const value =
    operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : b === 0 ? Number.NaN : a / b
  return Number.isNaN(value) ? null : value
}

function compare(operator: Comparison, a: Value, b: Value): boolean {
  if (a.number !== null && b.number !== null) return ordered(operator, a.number, b.number)
  if (a.text !== null && b.text !== null) return ordered(operator, a.text, b.text)
  // Of different kinds, and both there: they differ, and that is all that can be said.
  return operator === '!=' && (a.number !== null || a.text !== null) && (b.number !== null || b.text !== null)
}

function ordered<T extends number | string>(operator: Comparison, a: T, b: T): boolean {
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}
