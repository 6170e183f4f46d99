/** `trainyard runs`: list, show, compare, export and remove runs. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { flatten } from '../index/columns.ts'
import { Catalogue } from '../index/queries/catalogue.ts'
import { runDetail } from '../index/queries/runDetail.ts'
import { queryRunColumns, queryRuns } from '../index/queries/runs.ts'
import type { RunIndex } from '../index/runIndex.ts'
import type { RunDetail } from '../server/api/index.ts'
import { type ExportFormat, exportRun, runTable } from '../server/export.ts'
import { isAlive, readActive } from '../store/active.ts'
import { CommandError, cellText, date, duration, type Io, printable, textTable } from './io.ts'
import { columnsOf, missingColumns } from './missingColumns.ts'
import { chooseProject, findRun, folderOf, runningServer, withIndex } from './openIndex.ts'

interface Common {
  dir?: string
  project?: string
}

const withPlace = (command: Command): Command =>
  command
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('-p, --project <name>', 'the project (default: the only one)')

const number = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new CommandError(`a whole number is expected, got ${text}`)
  return value
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim())

/** Makes the command `runs` with `ls`, `show`, `diff`, `export` and `rm`. */
export function runsCommand(io: Io): Command {
  const runs = new Command('runs').description('list, show, compare, export and remove runs')

  withPlace(runs.command('ls'))
    .description('list runs')
    .option('-w, --where <filter>', 'only runs for which this holds, such as "config.lr < 0.01 and summary.loss < 0.2"')
    .option('-c, --columns <names>', 'columns, such as config.lr,min.loss,summary.accuracy', list, [])
    .option('-s, --sort <column>', 'sort by a column')
    .option('--desc', 'largest first')
    .option('-n, --limit <count>', 'at most so many', number, 50)
    .option('--all', 'archived runs too')
    .option('--json', 'as JSON')
    .action(async (options: Common & ListOptions) => {
      await withIndex(folderOf(options.dir), (index) => listRuns(index, options, io))
    })

  withPlace(runs.command('show <run>'))
    .description('show everything about a run, named by its id or name')
    .option('--json', 'as JSON')
    .action(async (reference: string, options: Common & { json?: boolean }) => {
      await withIndex(folderOf(options.dir), (index) => {
        const { project, run } = findRun(index, reference, options.project)
        const detail = runDetail(index, project, run)
        io.print(options.json ? JSON.stringify(detail, null, 2) : describe(detail))
      })
    })

  withPlace(runs.command('diff <runs...>'))
    .description('show in what config and summary runs differ')
    .option('--all', 'also what is the same')
    .action(async (references: string[], options: Common & { all?: boolean }) => {
      if (references.length < 2) throw new CommandError('diff takes two or more runs')
      await withIndex(folderOf(options.dir), (index) => {
        const details = references.map((reference) => {
          const { project, run } = findRun(index, reference, options.project)
          return runDetail(index, project, run)
        })
        io.print(difference(details, options.all ?? false))
      })
    })

  withPlace(runs.command('export [run]'))
    .description('write the history of a run, or without a run the table of all runs')
    .option('-w, --where <filter>', 'for the table: only these runs')
    .addOption(
      new Option('-f, --format <format>', 'what to write; json has one object a line')
        .choices(['csv', 'json', 'parquet'])
        .default('csv'),
    )
    .option('-o, --out <file>', 'where to (default: standard output)')
    .action(async (reference: string | undefined, options: Common & ExportOptions) => {
      await withIndex(folderOf(options.dir), (index) => exportRuns(index, reference, options, io))
    })

  withPlace(runs.command('rm [runs...]'))
    .description('move runs to the trash')
    .option('-w, --where <filter>', 'all runs for which this holds')
    .option('-y, --yes', 'do it; without it only said is what would be removed')
    .option('--purge', 'remove for good, not to the trash')
    .action(async (references: string[], options: Common & RemoveOptions) => {
      await removeRuns(references, options, io)
    })
  return runs
}

interface ListOptions {
  where?: string
  columns: string[]
  sort?: string
  desc?: boolean
  limit: number
  all?: boolean
  json?: boolean
}

function listRuns(index: RunIndex, options: Common & ListOptions, io: Io): void {
  const project = chooseProject(index, options.project)
  const page = queryRuns(index.database, project, {
    where: options.where,
    columns: options.columns,
    sort: options.sort ? [{ column: options.sort, descending: options.desc ?? false }] : [],
    limit: options.limit,
    archived: options.all ?? false,
  })
  const named = [...options.columns, ...(options.sort ? [options.sort] : [])]
  const doubtful = page.total === 0 && options.where !== undefined ? [...columnsOf(options.where), ...named] : named
  for (const problem of missingColumns(index, project, [...new Set(doubtful)])) io.note(problem)
  if (options.json) {
    const rows = page.rows.map(({ values, ...row }) => ({
      ...row,
      ...Object.fromEntries(options.columns.map((column, i) => [column, values[i]])),
    }))
    io.print(JSON.stringify(rows, null, 2))
    return
  }
  io.print(
    textTable(
      ['id', 'name', 'state', 'created', 'ran', ...options.columns],
      page.rows.map((row) => [
        row.id,
        row.name,
        row.state,
        date(row.created),
        duration(row.duration),
        ...row.values.map(cellText),
      ]),
    ),
  )
  if (page.total > page.rows.length) io.note(`${page.rows.length} of ${page.total} runs; --limit shows more`)
}

/** A text of several lines below a word. */
const lines = (text: string): string => text.trimEnd().split(/\r?\n/).map(printable).join('\n  ')

function describe(run: RunDetail): string {
  const pairs = (values: { [key: string]: unknown }) =>
    Array.from(flatten(values), ([key, value]) => `  ${printable(key)}: ${printable(cellText(value))}`)
  const { environment } = run
  const git = environment?.git
  return [
    `${printable(run.name)}  (${run.project}/${run.id})`,
    `state: ${run.state}${run.exitCode ? ` (exit code ${run.exitCode})` : ''}, created ${date(run.created)}, ran ${duration(run.duration)}`,
    ...(run.group ? [`group: ${printable(run.group)}`] : []),
    ...(run.tags.length > 0 ? [`tags: ${printable(run.tags.join(', '))}`] : []),
    ...(run.notes ? [`notes: ${lines(run.notes)}`] : []),
    `logged: ${run.counts.rows} rows, ${run.counts.points} points, ${run.counts.media} media, ${run.counts.consoleLines} lines, ${run.counts.bytes} bytes`,
    'config:',
    ...pairs(run.config),
    'summary:',
    ...pairs(run.summary),
    ...(environment?.command ? [`command: ${printable(environment.command)}`] : []),
    ...(git
      ? [`git: ${git.commit}${git.dirty ? ' with changes' : ''}${git.branch ? ` (${printable(git.branch)})` : ''}`]
      : []),
    ...(run.error ? [`error: ${lines(run.error)}`] : []),
    ...(run.problems.length > 0 ? ['problems:', ...run.problems.map((problem) => `  ${lines(problem)}`)] : []),
  ].join('\n')
}

function difference(runs: RunDetail[], all: boolean): string {
  const rows: string[][] = []
  for (const part of ['config', 'summary'] as const) {
    const flat = runs.map((run) => flatten(run[part]))
    for (const key of [...new Set(flat.flatMap((values) => [...values.keys()]))].sort()) {
      const cells = flat.map((values) => cellText(values.get(key)))
      const same = flat.every((values) => JSON.stringify(values.get(key)) === JSON.stringify(flat[0].get(key)))
      if (all || !same) rows.push([`${part}.${key}`, ...cells])
    }
  }
  if (rows.length === 0) return 'no difference in config and summary'
  return textTable(['', ...runs.map((run) => run.name)], rows)
}

interface ExportOptions {
  where?: string
  format: ExportFormat
  out?: string
}

async function exportRuns(
  index: RunIndex,
  reference: string | undefined,
  options: Common & ExportOptions,
  io: Io,
): Promise<void> {
  if (reference !== undefined && options.where !== undefined)
    throw new CommandError('--where chooses rows of the table of runs: leave it out, or the run')
  const pieces = reference
    ? historyOf(index, reference, options)
    : tableOf(index, chooseProject(index, options.project), options)
  if (options.out) {
    await pipeline(Readable.from(pieces), createWriteStream(options.out))
    io.note(`written to ${options.out}`)
    return
  }
  if (options.format === 'parquet') throw new CommandError('parquet is for files: pass --out')
  let text = ''
  for (const piece of pieces) text += new TextDecoder().decode(piece)
  io.print(text.trimEnd())
}

function historyOf(
  index: RunIndex,
  reference: string,
  { project, format }: Common & ExportOptions,
): Iterable<Uint8Array> {
  const place = findRun(index, reference, project)
  return exportRun(index, place.project, place.run, format)
}

function tableOf(index: RunIndex, project: string, { where, format }: ExportOptions): Iterable<Uint8Array> {
  const catalogue = new Catalogue(index.database)
  const { columns } = catalogue.queryColumns(project, { kinds: ['config', 'summary'], limit: 100_000 })
  const names = ['created', 'duration', 'group', 'jobType', 'tags', 'notes', ...columns.map(({ id }) => id)]
  const found = queryRunColumns(index.database, project, { where, columns: names })
  return runTable(['id', 'name', 'state', ...names], [found.runs, found.names, found.states, ...found.values], format)
}

interface RemoveOptions {
  where?: string
  yes?: boolean
  purge?: boolean
}

async function removeRuns(references: string[], options: Common & RemoveOptions, io: Io): Promise<void> {
  if (references.length === 0 && options.where === undefined)
    throw new CommandError('name the runs to remove, or pass --where')
  const dir = folderOf(options.dir)
  await withIndex(dir, async (index) => {
    const places = references.map((reference) => findRun(index, reference, options.project))
    if (options.where !== undefined) {
      const project = chooseProject(index, options.project)
      const { rows } = queryRuns(index.database, project, { where: options.where, archived: true, limit: 100_000 })
      if (rows.length === 0)
        for (const problem of missingColumns(index, project, columnsOf(options.where))) io.note(problem)
      places.push(...rows.map(({ id }) => ({ project, run: id })))
    }
    if (!options.yes) {
      for (const { project, run } of places) io.print(`${project}/${run}`)
      io.note(`${places.length} ${places.length === 1 ? 'run' : 'runs'} would be removed: pass --yes to do it`)
      return
    }
    // Before anything is removed: all or nothing.
    const running = places.find(({ project, run }) => {
      const held = readActive(index.paths.run(project, run).active)
      return held !== null && isAlive(held)
    })
    if (running)
      throw new CommandError(`${running.project}/${running.run} is running: stop it first; nothing was removed`)
    const server = runningServer(dir)
    if (server && options.purge)
      throw new CommandError('a server is running on this folder: stop it to remove for good')
    for (const place of places) {
      if (server) await server.call('deleteRun', place)
      else index.remove(place.project, place.run, { purge: options.purge ?? false })
      io.print(`removed ${place.project}/${place.run}`)
    }
  })
}
