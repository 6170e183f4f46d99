import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Cell, type ColumnRef, parseColumn, scalarCell, spaces } from '../columns.ts'
import { schema } from '../schema.ts'
import { containsText, matchesGlob } from './match.ts'
import { FilterError, parseFilter } from './parse.ts'
import { compile } from './predicate.ts'
import { conditionSql } from './sql.ts'

interface Sample {
  fields: { [name: string]: unknown }
  config: { [key: string]: unknown }
  summary: { [key: string]: unknown }
}

const samples: Sample[] = [
  {
    fields: { name: 'Unet-a', state: 'finished', tags: ['good', 'x'], step: 10 },
    config: { lr: 0.001, opt: 'adam' },
    summary: { loss: 0.1, 'val/acc': 0.9 },
  },
  {
    fields: { name: 'unet-b', state: 'crashed', tags: [], step: null },
    config: { lr: 0.1, opt: 'sgd', deep: true },
    summary: { loss: 'NaN' },
  },
  {
    fields: { name: 'mlp', state: 'running', tags: ['bad'], step: 3 },
    config: { lr: '0.1', 'a.b': 2 },
    summary: { loss: 0.5, 'val/acc': 0.2 },
  },
  { fields: { name: "it's; DROP", state: 'failed', tags: ['good'], step: 0 }, config: {}, summary: {} },
]

const database = new DatabaseSync(':memory:')
database.exec(schema)
database.function('text_contains', (a, b) =>
  typeof a === 'string' && typeof b === 'string' ? +containsText(a, b) : null,
)
database.function('text_matches', (a, b) =>
  typeof a === 'string' && typeof b === 'string' ? +matchesGlob(a, b) : null,
)
samples.forEach(({ fields, config, summary }, i) => {
  database
    .prepare(
      `INSERT INTO run (id, project, run, name, state, created, updated, duration, tags, notes, archived, step, rows, revision, log_offset, edits_offset, log_keys, fold)
       VALUES (?, 'p', ?, ?, ?, ?, 0, 0, ?, '', 0, ?, 0, 0, 0, 0, '', '')`,
    )
    .run(
      i,
      String(i),
      String(fields.name),
      String(fields.state),
      1e9 * i,
      JSON.stringify(fields.tags),
      fields.step as number | null,
    )
  for (const [space, values] of [
    ['config', config],
    ['summary', summary],
  ] as const)
    for (const [key, value] of Object.entries(values)) {
      const cell = scalarCell(value)
      database.prepare('INSERT OR IGNORE INTO column_name (space, name) VALUES (?, ?)').run(spaces[space], key)
      const { id } = database
        .prepare('SELECT id FROM column_name WHERE space = ? AND name = ?')
        .get(spaces[space], key) as { id: number }
      database.prepare('INSERT INTO value VALUES (?, ?, ?, ?, ?)').run(id, i, cell.number, cell.text, +cell.boolean)
    }
})

function bySql(filter: string): number[] {
  const { text, parameters } = conditionSql(parseFilter(filter))
  return (
    database.prepare(`SELECT id FROM run r WHERE ${text} ORDER BY id`).all(...parameters) as { id: number }[]
  ).map((row) => row.id)
}

/** The fields of a sample's row in the database above. */
function storedFields({ fields }: Sample, i: number): { [name: string]: unknown } {
  return { id: String(i), project: 'p', created: 1e9 * i, updated: 0, duration: 0, notes: '', archived: 0, ...fields }
}

function byPredicate(filter: string): number[] {
  const predicate = compile(parseFilter(filter))
  return samples.flatMap((sample, i) => {
    const lookup = (column: ColumnRef): Cell | readonly string[] => {
      if (column.kind === 'field') {
        const value = storedFields(sample, i)[column.field]
        return Array.isArray(value) ? value : scalarCell(value)
      }
      return scalarCell(column.kind === 'metric' ? undefined : sample[column.kind][column.key])
    }
    return predicate(lookup) ? [i] : []
  })
}

const cases: [string, number[]][] = [
  ['', [0, 1, 2, 3]],
  ['config.lr < 0.01 and summary.loss < 0.2', [0]],
  ['config.lr < 1', [0, 1]],
  ['config.lr == "0.1"', [2]],
  ['config.lr != 0.1', [0, 2]],
  ['config.lr == null', [3]],
  ['config.lr != null and not config.lr < 0.01', [1, 2]],
  ['not state == "finished"', [1, 2, 3]],
  ['not state == "finished" and step >= 0', [2, 3]],
  ['state in ["finished", "crashed"]', [0, 1]],
  ['not (state in ["finished", "crashed"]) or name == "Unet-a"', [0, 2, 3]],
  ['"good" in tags', [0, 3]],
  ['tags contains "bad" || config.deep', [1, 2]],
  ['config.deep == true', [1]],
  ['name contains "UNET"', [0, 1]],
  ['name matches "unet-?"', [0, 1]],
  ['name matches "*l*"', [2]],
  ['summary["val/acc"] > 0.5', [0]],
  ['summary.loss == "NaN" or summary.loss = NaN', [1]],
  ['summary.loss * 2 < summary["val/acc"]', [0]],
  ['step / 0 > 1 or step / 4 > 2', [0]],
  ['-step < -5', [0]],
  ['config.a.b == 2', [2]],
  ['created > "2020-01-01" and created < "2040-01-01"', [2]],
  [`name == "it's; DROP"`, [3]],
  ['true and !false', [0, 1, 2, 3]],
  ['step', [0, 2]],
]

test('filters mean the same in SQL and as a function', () => {
  for (const [filter, expected] of cases) {
    assert.deepEqual(bySql(filter), expected, `SQL: ${filter}`)
    assert.deepEqual(byPredicate(filter), expected, `function: ${filter}`)
  }
})

test('what is no filter is refused with the reason', () => {
  const refused: [string, RegExp][] = [
    ['config.lr <', /expression/i],
    ['lr < 1', /"lr" is no column/],
    ['summary.val/loss < 1', /stands in brackets: summary\["val\/loss"\]/],
    ['state == "x" and min.a/b/c.d > 0', /brackets: min\["a\/b\/c.d"\]/],
    ['state == finished', /"finished" is no column.*quotes/],
    ['max(config.lr) < 1', /functions/],
    ['config.lr < 1 state', /join them/],
    ['config[state] < 1', /quotes/],
    ['name in "abc"', /list/],
    ['(((', /./],
    ['x'.repeat(10_001), /at most/],
    ['('.repeat(5000), /too many/],
    [Array(500).fill('step > 1').join(' and '), /more than/],
    ['config.lr < 1 < 2', /value is expected/],
  ]
  for (const [filter, reason] of refused)
    assert.throws(
      () => parseFilter(filter),
      (error: Error) => error instanceof FilterError && reason.test(error.message),
      filter.slice(0, 50),
    )
  const place = (filter: string): number => {
    try {
      parseFilter(filter)
    } catch (error) {
      return (error as FilterError).position
    }
    return assert.fail('no error')
  }
  assert.equal(place('step > > 1'), 7)
  assert.equal(place('not not step > > 1'), 15)
  assert.equal(place('not state == "x" and lr < 1'), 21)
})

test('any text is a filter or a FilterError, and any filter runs alike in both forms', () => {
  const piece = fc.constantFrom(
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    ',',
    '.',
    '"',
    "'",
    '==',
    '=',
    '!=',
    '<',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '!',
    'in',
    'contains',
    'matches',
    'state',
    'name',
    'tags',
    'step',
    'config.lr',
    'summary.loss',
    'summary["val/acc"]',
    'min.loss',
    '1',
    '0.1',
    '"good"',
    "'adam'",
    'null',
    'true',
    'NaN',
    '\\',
    '{',
    '?',
    ':',
    ';',
    '`',
    'é',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(' ')),
      ),
      (text) => {
        try {
          parseFilter(text)
        } catch (error) {
          assert.ok(error instanceof FilterError, String(error))
          return
        }
        assert.deepEqual(bySql(text), byPredicate(text), text)
      },
    ),
    { numRuns: 2000, examples: [['.E0'], ['step > .e1']] },
  )
})

test('generated filters run alike in both forms', () => {
  const term = fc.constantFrom(
    'step',
    'config.lr',
    'config.opt',
    'config.deep',
    'summary.loss',
    'state',
    'name',
    'created',
    '0.1',
    '3',
    '"adam"',
    '"0.1"',
    'null',
    '(step + 1)',
    '(config.lr * 10)',
    '(1 / step)',
    '"NaN"',
  )
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      fc
        .tuple(term, fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'contains', 'matches'), term)
        .map((parts) => parts.join(' ')),
      fc.tuple(term, fc.array(term, { maxLength: 3 })).map(([left, list]) => `${left} in [${list.join(', ')}]`),
      fc
        .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
        .map(([a, op, b]) => `(${a}) ${op} ${b}`),
      tie('condition').map((inner) => `not (${inner})`),
    ),
  }))
  fc.assert(
    fc.property(condition, (filter) => {
      assert.deepEqual(bySql(filter), byPredicate(filter), filter)
    }),
    { numRuns: 1000 },
  )
})

test('columns are fields, or keys of a namespace', () => {
  assert.deepEqual(parseColumn('min.val/acc'), { kind: 'metric', statistic: 'min', key: 'val/acc' })
  assert.deepEqual(parseColumn('config.a.b'), { kind: 'config', key: 'a.b' })
  assert.equal(parseColumn('config.'), null)
  assert.equal(parseColumn('constructor'), null)
})
