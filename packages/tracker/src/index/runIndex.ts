/**
 * The index over one folder of runs: finds runs, follows those that are written, says what changed. Only one process, the server, has it open for
 * writing; everything in it comes from the run logs and can be made anew.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EditRecord } from '../log/records.ts'
import { isAlive, readActive } from '../store/active.ts'
import { writeWhole } from '../store/blobs.ts'
import { appendEdit } from '../store/edits.ts'
import { fileSize } from '../store/files.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { nameOfFolder, type Paths, parseActive, pathsIn } from '../store/paths.ts'
import type { Changes } from './changes.ts'
import { Database } from './database.ts'
import { RunIndexer } from './runIndexer.ts'
import { runTables } from './schema.ts'
import { SeriesQueries } from './series/query.ts'
import { SeriesStore } from './series/store.ts'

export type IndexEvent =
  | { type: 'run'; project: string; run: string; state: string; revision: number; changes: Changes }
  | { type: 'run-deleted'; project: string; run: string }

/** The run is not there. */
export class NotFoundError extends Error {
  override name = 'NotFoundError'
}

/** The state of the run does not allow it. */
export class ConflictError extends Error {
  override name = 'ConflictError'
}

/** Milliseconds of reading before somebody else gets a turn. */
const SLICE = 30
const REFRESH_SLICE = 1000
const SAVE_EVERY = 250
const FULL_SCAN_EVERY = 60_000
const MAX_WAITING_POINTS = 500_000

/** When something in a folder came or went; 0 where there is none. */
function changeOf(folder: string): number {
  try {
    return statSync(folder).mtimeMs
  } catch {
    return 0 // Also a link to itself.
  }
}

interface Hot {
  indexer: RunIndexer
  /** Do not save before. */
  nextSave: number
}

/** The index of a folder: follows its run logs, answers about them, and makes what changes in them. One process may write it. */
export class RunIndex {
  readonly paths: Paths
  readonly database: Database
  readonly series: SeriesQueries
  /** Called after the index was written. */
  onEvent: (event: IndexEvent) => void = () => {}
  /** Called with what a person who runs the server should know. */
  onProblem: (message: string) => void = (message) => console.error(`trainyard: ${message}`)
  private readonly hot = new Map<string, Hot>()
  private readonly broken = new Set<string>()
  private readonly folders = new Map<string, number>()
  /** Runs whose files may have grown: found by a scan, done one after the other. */
  private readonly todo = new Map<string, { project: string; run: string }>()
  private nextStateCheck = 0
  private nextScan = 0
  private nextFullScan = performance.now() + FULL_SCAN_EVERY

  /**
   * @param dir The tracker's folder.
   * @param options.rebuild Forget everything and read all logs.
   */
  constructor(dir: string, { rebuild = false, readOnly = false } = {}) {
    this.paths = pathsIn(dir)
    this.database = Database.open(this.paths.index, { rebuild, readOnly })
    this.series = new SeriesQueries(new SeriesStore(this.database))
  }

  /**
   * Brings everything up to date before it returns; for the command line.
   * @param onProgress Called every second or so.
   */
  refresh(onProgress: () => void = () => {}): void {
    this.scan()
    this.findActive()
    while (this.todo.size > 0) {
      this.work(REFRESH_SLICE)
      onProgress()
    }
    for (const hot of this.hot.values()) this.attempt(hot, Infinity, true)
    this.checkStates(true)
  }

  /** What is due: called again and again by the server. @returns whether there is more to do right now. */
  tick(): boolean {
    const now = performance.now()
    if (now >= this.nextFullScan) {
      // Files that were copied into a run's folder do not change the folder above it.
      this.nextFullScan = now + FULL_SCAN_EVERY
      this.folders.clear()
    }
    if (now >= this.nextScan) {
      this.scan()
      this.nextScan = performance.now() + 2000
    }
    this.findActive()
    const deadline = performance.now() + SLICE
    for (const hot of this.hot.values()) this.attempt(hot, Math.max(5, deadline - performance.now()), false)
    if (this.todo.size > 0) this.work(Math.max(5, deadline - performance.now()))
    if (now >= this.nextStateCheck) {
      this.checkStates(false)
      this.nextStateCheck = performance.now() + 1000
    }
    return this.todo.size > 0 || [...this.hot.values()].some(({ indexer }) => indexer.isBehind && !indexer.isChanged)
  }

  /** Whether a first look at everything is still under way. */
  get isBusy(): boolean {
    return this.todo.size > 0
  }

  private key(project: string, run: string): string {
    return `${project}\0${run}`
  }

  /** Looks at folders that changed since the last time, and at all files of runs in those that are new here. */
  private scan(): void {
    let projects: string[]
    try {
      projects = readdirSync(this.paths.projects)
    } catch {
      projects = []
    }
    const known = new Set<string>()
    for (const folder of projects) {
      const project = nameOfFolder(folder)
      if (project === null) continue
      known.add(project)
      const runs = this.paths.runs(project)
      const changed = changeOf(runs)
      if (changed === this.folders.get(project)) continue
      this.folders.set(project, changed)
      this.scanProject(project, runs)
    }
    for (const project of [...this.folders.keys()])
      if (!known.has(project)) {
        this.folders.delete(project)
        this.forgetMissing(project, new Set())
      }
    if (this.folders.size === 0 || known.size < this.projectCount())
      for (const { project } of this.database.all('SELECT DISTINCT project FROM run'))
        if (!known.has(String(project))) this.forgetMissing(String(project), new Set())
  }

  private projectCount(): number {
    return Number(this.database.get('SELECT count(DISTINCT project) AS n FROM run')?.n)
  }

  private scanProject(project: string, folder: string): void {
    const indexed = new Map(
      this.database
        .all('SELECT run, log_offset, edits_offset FROM run WHERE project = ?', project)
        .map((row) => [String(row.run), [Number(row.log_offset), Number(row.edits_offset)] as const]),
    )
    const present = new Set<string>()
    let runs: string[]
    try {
      runs = readdirSync(folder)
    } catch {
      runs = []
    }
    for (const run of runs) {
      let paths: ReturnType<Paths['run']>
      try {
        paths = this.paths.run(project, run)
      } catch {
        continue // Not a run's folder.
      }
      const log = fileSize(paths.log)
      if (log === null) continue
      present.add(run)
      if (this.hot.has(this.key(project, run)) || this.broken.has(this.key(project, run))) continue
      const seen = indexed.get(run)
      const edits = fileSize(paths.edits) ?? 0
      if (!seen || seen[0] !== log || seen[1] !== edits) this.todo.set(this.key(project, run), { project, run })
    }
    this.forgetMissing(project, present)
  }

  private forgetMissing(project: string, present: Set<string>): void {
    for (const { id, run } of this.database.all('SELECT id, run FROM run WHERE project = ?', project))
      if (!present.has(String(run))) this.forget(project, String(run), Number(id))
  }

  private forget(project: string, run: string, id: number): void {
    this.hot.delete(this.key(project, run))
    this.todo.delete(this.key(project, run))
    this.database.transaction(() => {
      for (const table of runTables) this.database.run(`DELETE FROM ${table} WHERE run_id = ?`, id)
      this.database.run('DELETE FROM run WHERE id = ?', id)
    })
    this.series.forgetRun(id)
    this.onEvent({ type: 'run-deleted', project, run })
  }

  /** Runs that somebody writes, or wrote when it crashed. */
  private findActive(): void {
    let files: string[]
    try {
      files = readdirSync(this.paths.active)
    } catch {
      return
    }
    for (const file of files) {
      const active = parseActive(file)
      if (!active) continue
      const key = this.key(active.project, active.run)
      if (this.hot.has(key) || this.todo.has(key) || this.broken.has(key)) continue
      const held = readActive(join(this.paths.active, file))
      if (held && isAlive(held)) this.heat(active.project, active.run)
    }
  }

  private heat(project: string, run: string): Hot | null {
    const key = this.key(project, run)
    const known = this.hot.get(key)
    if (known) return known
    const paths = this.paths.run(project, run)
    if (fileSize(paths.log) === null) return null
    const hot = { indexer: RunIndexer.open(this.database, project, run, paths), nextSave: 0 }
    this.hot.set(key, hot)
    return hot
  }

  private work(milliseconds: number): void {
    const deadline = performance.now() + milliseconds
    for (const [key, { project, run }] of this.todo) {
      this.todo.delete(key)
      const hot = this.heat(project, run)
      if (hot) this.attempt(hot, Math.max(5, deadline - performance.now()), false)
      if (performance.now() > deadline) return
    }
  }

  /** Follows a run; where that fails the run is left alone until the index is opened anew, and the others are followed. */
  private attempt(hot: Hot, milliseconds: number, now: boolean): void {
    try {
      this.follow(hot, milliseconds, now)
    } catch (error) {
      const { project, run } = hot.indexer
      this.hot.delete(this.key(project, run))
      this.broken.add(this.key(project, run))
      this.onProblem(`run ${project}/${run} cannot be indexed: ${(error as Error).stack ?? error}`)
    }
  }

  /** Reads and saves what is due of one run, and lets go of it once it has ended. */
  private follow(hot: Hot, milliseconds: number, now: boolean): void {
    const { indexer } = hot
    const complete = indexer.read(this.database, milliseconds)
    const { heartbeat, alive } = this.liveness(indexer)
    const ended = complete && !alive && !indexer.isBehind
    if (indexer.isChanged || (indexer.id === 0 && complete)) {
      const due = now || ended || performance.now() >= hot.nextSave || indexer.waitingPoints > MAX_WAITING_POINTS
      if (!due) return
      const start = performance.now()
      this.emit(indexer, indexer.save(this.database, alive, heartbeat))
      // At most a twentieth of the time goes into saving one run.
      hot.nextSave = performance.now() + Math.max(SAVE_EVERY, 20 * (performance.now() - start))
    }
    if (ended) this.hot.delete(this.key(indexer.project, indexer.run))
  }

  private liveness({ paths }: RunIndexer): { alive: boolean; heartbeat: number } {
    const held = readActive(paths.active)
    return { alive: held !== null && isAlive(held), heartbeat: held?.heartbeat ?? 0 }
  }

  private emit(indexer: RunIndexer, changes: Changes): void {
    const { project, run } = indexer
    const row = this.database.get('SELECT state, revision FROM run WHERE id = ?', indexer.id)
    if (row)
      this.onEvent({ type: 'run', project, run, state: String(row.state), revision: Number(row.revision), changes })
  }

  /** Running runs without a heartbeat have crashed; those with one are as old as it. */
  private checkStates(all: boolean): void {
    const now = Date.now() / 1000
    for (const row of this.database.all("SELECT id, project, run, updated FROM run WHERE state = 'running'")) {
      const [project, run] = [String(row.project), String(row.run)]
      const held = readActive(this.paths.run(project, run).active)
      if (held && isAlive(held, now)) {
        if (all || held.heartbeat > Number(row.updated) + 5)
          this.database.run(
            'UPDATE run SET duration = duration + ? - updated, updated = ? WHERE id = ? AND updated < ?',
            held.heartbeat,
            held.heartbeat,
            Number(row.id),
            held.heartbeat,
          )
        continue
      }
      if (this.hot.get(this.key(project, run))?.indexer.isBehind) continue
      this.touch(project, run)
    }
  }

  /** Reads and saves a run now, whatever is due. */
  touch(project: string, run: string): void {
    const hot = this.heat(project, run)
    if (!hot) return
    hot.indexer.read(this.database, Infinity)
    hot.indexer.changes.kinds.add('meta')
    this.follow(hot, Infinity, true)
  }

  /** Number of a run. @throws NotFoundError */
  id(project: string, run: string): number {
    const row = this.database.get('SELECT id FROM run WHERE project = ? AND run = ?', project, run)
    if (!row) throw new NotFoundError(`run "${run}" is not in project "${project}"`)
    return Number(row.id)
  }

  /** Changes what a person may change. */
  edit(project: string, run: string, edit: Omit<EditRecord, 'type' | 'time'>): void {
    this.id(project, run)
    appendEdit(this.paths.run(project, run).edits, edit)
    this.touch(project, run)
  }

  /** Asks a running run to stop. @throws ConflictError where it does not run. */
  stop(project: string, run: string): void {
    const row = this.database.get('SELECT state FROM run WHERE id = ?', this.id(project, run))
    if (row?.state !== 'running') throw new ConflictError(`run "${run}" is ${row?.state}, not running`)
    writeWhole(this.paths.run(project, run).stop, '')
    this.touch(project, run)
  }

  /** Whether somebody asked the run to stop and it has not ended yet. */
  isStopping(project: string, run: string): boolean {
    return statSync(this.paths.run(project, run).stop, { throwIfNoEntry: false }) !== undefined
  }

  /** Moves a run to the trash, or removes it for good. @throws ConflictError while it is running. */
  remove(project: string, run: string, { purge = false } = {}): void {
    const id = this.id(project, run)
    const paths = this.paths.run(project, run)
    const held = readActive(paths.active)
    if (held && isAlive(held)) throw new ConflictError(`run "${run}" is running: stop it first`)
    if (purge) rmSync(paths.folder, { recursive: true, force: true })
    else this.discard(paths.folder)
    rmSync(paths.active, { force: true })
    this.forget(project, run, id)
  }

  private discard(folder: string): void {
    makeFolder(this.paths.trash)
    const name = folder.slice(this.paths.projects.length + 1).replaceAll(/[\\/]/g, '@')
    renameSync(folder, join(this.paths.trash, `${name}@${Date.now()}`))
  }

  /** Moves a project to the trash. @throws ConflictError while a run of it is running. */
  removeProject(project: string): void {
    const rows = this.database.all('SELECT id, run, state FROM run WHERE project = ?', project)
    const folder = this.paths.project(project)
    if (rows.length === 0 && !statSync(folder, { throwIfNoEntry: false }))
      throw new NotFoundError(`project "${project}" is not there`)
    for (const { run } of rows) {
      const held = readActive(this.paths.run(project, String(run)).active)
      if (held && isAlive(held))
        throw new ConflictError(`run "${run}" of project "${project}" is running: stop it first`)
    }
    if (statSync(folder, { throwIfNoEntry: false })) this.discard(folder)
    this.folders.delete(project)
    for (const { id, run } of rows) this.forget(project, String(run), Number(id))
  }

  /** Saves what was read and closes the database. */
  close(): void {
    for (const hot of this.hot.values())
      try {
        this.follow(hot, 200, true)
      } catch {
        // What is not saved is read again next time.
      }
    this.database.close()
  }
}
