/** A filter as a condition of SQL over `run r`; every text and number of it is a parameter. */
import type { SQLInputValue } from 'node:sqlite'
import { type ColumnRef, fieldSql, fields, spaces } from '../columns.ts'
import type { Comparison, Condition, Term } from './parse.ts'
import { dateBeside } from './predicate.ts'

export interface Sql {
  text: string
  parameters: SQLInputValue[]
}

/** The number and the text of a value; one of them may be known to be nothing. */
interface Pair {
  number: Sql | null
  text: Sql | null
}

const sql = (text: string, ...parameters: SQLInputValue[]): Sql => ({ text, parameters })

/** Fills `?` marks, written as `{}`, with other pieces. */
function join(template: string, ...parts: Sql[]): Sql {
  let i = 0
  return {
    text: template.replace(/\{\}/g, () => parts[i++].text),
    parameters: parts.flatMap((part) => part.parameters),
  }
}

/** Selects one thing of one column for the run `r`. */
function lookup(what: string, table: 'value' | 'metric', space: number, key: string): Sql {
  return sql(
    `(SELECT ${what} FROM ${table} WHERE column_id = (SELECT id FROM column_name WHERE space = ${space} AND name = ?) AND run_id = r.id)`,
    key,
  )
}

/** The SQL of a column's number and text. */
export function columnSql(column: ColumnRef): Pair {
  if (column.kind === 'field') {
    const name = sql(fieldSql(column.field))
    const type = fields[column.field]
    return type === 'number' || type === 'time' ? { number: name, text: null } : { number: null, text: name }
  }
  if (column.kind === 'metric') {
    const { statistic, key } = column
    const number = lookup(statistic, 'metric', spaces.metric, key)
    // The last and first value may be not finite; then they are texts.
    const text =
      statistic === 'last' || statistic === 'first' ? lookup(`${statistic}_text`, 'metric', spaces.metric, key) : null
    return { number, text }
  }
  const space = spaces[column.kind]
  return { number: lookup('number', 'value', space, column.key), text: lookup('text', 'value', space, column.key) }
}

function termSql(node: Term, other?: Term): Pair {
  switch (node.type) {
    case 'number':
      return { number: sql('?', node.value), text: null }
    case 'text': {
      const date = dateBeside(node.value, other)
      return date === null ? { number: null, text: sql('?', node.value) } : { number: sql('?', date), text: null }
    }
    case 'null':
      return { number: null, text: null }
    case 'column':
      return columnSql(node.column)
    case 'arithmetic': {
      const left = termSql(node.left).number
      const right = termSql(node.right).number
      if (!left || !right) return { number: null, text: null }
      // SQLite divides whole numbers to whole numbers, and anything by zero to NULL, which is what is wanted.
      const number =
        node.operator === '/'
          ? join('(1.0 * {} / {})', left, right)
          : join(`(1.0 * {} ${node.operator} {})`, left, right)
      return { number, text: null }
    }
  }
}

const never = sql('0')

function isNull({ number, text }: Pair): Sql {
  if (number && text) return join('({} IS NULL AND {} IS NULL)', number, text)
  const one = number ?? text
  return one ? join('({} IS NULL)', one) : sql('1')
}

function compareSql(operator: Comparison, left: Pair, right: Pair): Sql {
  const symbol = operator === '==' ? '=' : operator
  const cases: Sql[] = []
  if (left.number && right.number)
    cases.push(
      join(
        'WHEN {} IS NOT NULL AND {} IS NOT NULL THEN {} {} {}',
        left.number,
        right.number,
        left.number,
        sql(symbol),
        right.number,
      ),
    )
  if (left.text && right.text)
    cases.push(
      join(
        'WHEN {} IS NOT NULL AND {} IS NOT NULL THEN {} {} {}',
        left.text,
        right.text,
        left.text,
        sql(symbol),
        right.text,
      ),
    )
  if (operator === '!=') cases.push(join('WHEN NOT {} AND NOT {} THEN 1', isNull(left), isNull(right)))
  if (cases.length === 0) return never
  return join(`(CASE ${cases.map(() => '{}').join(' ')} ELSE 0 END)`, ...cases)
}

export function conditionSql(condition: Condition): Sql {
  switch (condition.type) {
    case 'and':
    case 'or':
      return join(
        `({} ${condition.type.toUpperCase()} {})`,
        conditionSql(condition.left),
        conditionSql(condition.right),
      )
    case 'not':
      return join('(NOT {})', conditionSql(condition.inner))
    case 'constant':
      return sql(condition.value ? '1' : '0')
    case 'compare': {
      const { operator, left, right } = condition
      if (left.type === 'null' || right.type === 'null') {
        const none = isNull(termSql(left.type === 'null' ? right : left))
        return operator === '==' ? none : operator === '!=' ? join('(NOT {})', none) : never
      }
      return compareSql(operator, termSql(left, right), termSql(right, left))
    }
    case 'in': {
      const left = termSql(condition.left)
      const tests = condition.list.map((item) => compareSql('==', left, termSql(item)))
      return tests.length === 0 ? never : join(`(${tests.map(() => '{}').join(' OR ')})`, ...tests)
    }
    case 'tag': {
      const { text } = termSql(condition.left)
      return text ? join('EXISTS (SELECT 1 FROM json_each(r.tags) WHERE value = {})', text) : never
    }
    case 'contains':
    case 'matches': {
      const left = termSql(condition.left).text
      const right = termSql(condition.right).text
      return left && right ? join(`COALESCE(text_${condition.type}({}, {}), 0)`, left, right) : never
    }
    case 'truthy': {
      const { number, text } = termSql(condition.term)
      const tests = [...(number ? [join('{} <> 0', number)] : []), ...(text ? [join("{} <> ''", text)] : [])]
      return tests.length === 0 ? never : join(`COALESCE(${tests.map(() => '{}').join(' OR ')}, 0)`, ...tests)
    }
  }
}
