/** The index for one command: the server's, where one is running, else our own for a moment. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { FilterError } from '../index/filter/parse.ts'
import { RunIndex } from '../index/runIndex.ts'
import { serverLock } from '../server/address.ts'
import { type Client, createClient } from '../server/api/client.ts'
import { serverOf, takeFolder } from '../server/folderLock.ts'
import { type ActiveInfo, beat, releaseActive } from '../store/active.ts'
import { defaultDir } from '../store/paths.ts'
import { CommandError } from './io.ts'

export const folderOf = (dir: string | undefined): string => resolve(dir ?? defaultDir())

/** The running server of a folder; null where there is none. */
export function runningServer(dir: string): Client | null {
  const server = serverOf(dir)
  return server ? createClient({ base: server.url, ...(server.token ? { token: server.token } : {}) }) : null
}

/** A filter that is not understood is a mistake of who typed it. */
async function said<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const place = error.position < 0 ? '' : ` at character ${error.position + 1}`
    throw new CommandError(
      `--where is not understood${place}: ${error.message}. An example: --where "config.lr < 0.01 and summary.loss < 0.2"`,
    )
  }
}

/**
 * Opens the index, up to date, and closes it afterwards.
 * @throws CommandError where there are no runs at all, or where a filter is not understood.
 */
export async function withIndex<T>(
  dir: string,
  work: (index: RunIndex) => T | Promise<T>,
  { rebuild = false }: { rebuild?: boolean } = {},
): Promise<T> {
  if (!existsSync(dir)) throw new CommandError(`${dir} is not there: pass --dir with the folder of your runs`)
  const lock = await lockFolder(dir)
  if (!lock) {
    if (rebuild) throw new CommandError('a server is running on this folder: stop it, then rebuild the index')
    // Only the server writes the index; it is up to date.
    const index = new RunIndex(dir, { readOnly: true })
    try {
      return await said(() => work(index))
    } finally {
      index.database.close()
    }
  }
  try {
    const index = new RunIndex(dir, { rebuild })
    try {
      // Others take a lock over whose heart does not beat.
      index.refresh(() => beat(serverLock(dir), lock))
      return await said(() => work(index))
    } finally {
      index.close()
    }
  } finally {
    releaseActive(serverLock(dir), lock)
  }
}

async function lockFolder(dir: string): Promise<ActiveInfo | null> {
  try {
    return await takeFolder(dir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error
    throw new CommandError(`${dir} cannot be written, and the index of its runs belongs there: copy it, and pass --dir`)
  }
}

/** The project that was named, or the only one. */
export function chooseProject(index: RunIndex, wanted: string | undefined): string {
  const projects = index.database
    .all('SELECT project FROM run GROUP BY project ORDER BY max(updated) DESC')
    .map((row) => String(row.project))
  if (projects.length === 0) throw new CommandError(`${index.paths.dir} holds no runs yet`)
  if (wanted === undefined && projects.length === 1) return projects[0]
  if (wanted === undefined)
    throw new CommandError(`there are several projects: pass --project with one of ${projects.join(', ')}`)
  if (!projects.includes(wanted))
    throw new CommandError(`there is no project "${wanted}"; there are ${projects.join(', ')}`)
  return wanted
}

export interface RunPlace {
  project: string
  run: string
}

/** Finds a run by its id, or by its name where only one has it. */
export function findRun(index: RunIndex, reference: string, project: string | undefined): RunPlace {
  const rows = index.database
    .all('SELECT project, run, name FROM run WHERE run = ?1 OR name = ?1', reference)
    .filter((row) => project === undefined || row.project === project)
  const byId = rows.filter((row) => row.run === reference)
  const found = byId.length > 0 ? byId : rows
  if (found.length === 1) return { project: String(found[0].project), run: String(found[0].run) }
  if (found.length === 0)
    throw new CommandError(
      `there is no run with the id or name "${reference}"${project ? ` in project "${project}"` : ''}`,
    )
  const all = found.map((row) => `${row.project}/${row.run}`).join(', ')
  throw new CommandError(`several runs are called "${reference}": ${all}. Name one by its id, with --project`)
}
