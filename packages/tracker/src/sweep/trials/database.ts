import { closeSync, existsSync, fdatasync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../store/makeFolder.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS sweep (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT,
  configuration TEXT NOT NULL,
  folder TEXT,
  seed INTEGER NOT NULL,
  state TEXT NOT NULL,
  created REAL NOT NULL,
  updated REAL NOT NULL,
  problems TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE TABLE IF NOT EXISTS trial (
  sweep TEXT NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  run TEXT NOT NULL,
  agent TEXT,
  data TEXT NOT NULL,
  PRIMARY KEY (sweep, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agent (
  id TEXT PRIMARY KEY,
  sweep TEXT NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS agent_of_sweep ON agent (sweep);
PRAGMA user_version = 1;
`

/** Another process has the sweeps of this folder open. */
export class SweepsBusyError extends Error {
  override readonly name = 'SweepsBusyError'
}

const FLUSH_EVERY = 200

/**
 * The file that keeps sweeps. Only one process writes it, and keeps it locked while it lives.
 *
 * A commit is in the operating system's hands before it returns, so no kill of any process loses it; it is on the disk at
 * most 0.2 s later, which is what a power cut can lose (of what remains, nothing is ever half there).
 */
export class SweepDatabase {
  readonly sql: DatabaseSync
  readonly #log: string
  #dirty = false
  #flushing = false
  readonly #timer: NodeJS.Timeout

  /** @throws SweepsBusyError where another process has it. */
  constructor(file: string) {
    makeFolder(dirname(file))
    this.sql = new DatabaseSync(file)
    this.#log = `${file}-wal`
    try {
      this.sql.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      this.sql.exec('PRAGMA foreign_keys = ON; BEGIN EXCLUSIVE')
      const { user_version: version } = this.sql.prepare('PRAGMA user_version').get() as { user_version: number }
      if (version > 1) throw new Error(`${file} is of a later version of Trainyard (${version}); this one knows 1`)
      this.sql.exec(SCHEMA)
      this.sql.exec('COMMIT')
    } catch (error) {
      this.sql.close()
      if (!/locked|busy/i.test((error as Error).message)) throw error
      throw new SweepsBusyError(
        `another process keeps the sweeps of ${dirname(file)}: a server that runs there, or another sweep. Give its address with --url, or end it`,
      )
    }
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY)
    this.#timer.unref()
  }

  /** Runs `work` in one transaction: all of what it writes is kept, or none. */
  transaction<T>(work: () => T): T {
    this.sql.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.sql.exec('COMMIT')
      this.#dirty = true
      return result
    } catch (error) {
      if (this.sql.isTransaction) this.sql.exec('ROLLBACK')
      throw error
    }
  }

  /** Asks for the disk without blocking the thread that answers agents, as a commit that waits for it would. */
  #flush(): void {
    if (!this.#dirty || this.#flushing || !existsSync(this.#log)) return
    this.#dirty = false
    this.#flushing = true
    const file = openSync(this.#log, 'r')
    fdatasync(file, () => {
      closeSync(file)
      this.#flushing = false
    })
  }

  close(): void {
    clearInterval(this.#timer)
    this.sql.close()
  }
}
