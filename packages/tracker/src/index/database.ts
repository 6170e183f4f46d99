/// <reference types="node" preserve="true" />
/** Opens the index: makes it where it is not there, and anew where it is of another version or damaged. */
import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { makeFolder } from '../store/makeFolder.ts'
import { containsText, matchesGlob } from './filter/match.ts'
import { SCHEMA_VERSION, schema } from './schema.ts'

export type Row = { [column: string]: SQLOutputValue }

export class Database {
  private readonly connection: DatabaseSync
  private readonly statements = new Map<string, StatementSync>()

  private constructor(path: string, readOnly: boolean) {
    this.connection = new DatabaseSync(path, { readOnly, timeout: 5000 })
  }

  /** @param options.rebuild Throw away what is there. */
  static open(path: string, { rebuild = false, readOnly = false } = {}): Database {
    makeFolder(dirname(path))
    if (rebuild) removeFiles(path)
    if (existsSync(path)) {
      try {
        const database = new Database(path, readOnly)
        try {
          database.functions()
          const version = database.get("SELECT value FROM meta WHERE key = 'version'")?.value
          if (version === String(SCHEMA_VERSION)) {
            database.pragmas(readOnly)
            return database
          }
        } catch {
          // No tables, or not a database at all.
        }
        database.close()
      } catch {
        // Cannot even be opened.
      }
      if (readOnly) throw new Error(`the index ${path} is of another version or damaged: run trainyard index --rebuild`)
      removeFiles(path)
    }
    const database = new Database(path, false)
    database.functions()
    database.pragmas(false)
    database.transaction(() => {
      database.connection.exec(schema)
      database.run("INSERT INTO meta VALUES ('version', ?)", String(SCHEMA_VERSION))
    })
    return database
  }

  private pragmas(readOnly: boolean): void {
    // A crash of the machine may cost the last moments of the index, which the logs give back; it cannot damage it.
    if (!readOnly) this.connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    this.connection.exec('PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;')
  }

  private functions(): void {
    const text = (test: (a: string, b: string) => boolean) => (a: SQLOutputValue, b: SQLOutputValue) =>
      typeof a === 'string' && typeof b === 'string' ? (test(a, b) ? 1 : 0) : null
    this.connection.function('text_contains', { deterministic: true }, text(containsText))
    this.connection.function('text_matches', { deterministic: true }, text(matchesGlob))
  }

  private prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql)
    if (!statement) {
      statement = this.connection.prepare(sql)
      if (this.statements.size > 500) this.statements.clear()
      this.statements.set(sql, statement)
    }
    return statement
  }

  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...parameters) as Row[]
  }

  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...parameters) as Row | undefined
  }

  run(sql: string, ...parameters: SQLInputValue[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.prepare(sql).run(...parameters)
    return { changes: Number(changes), id: Number(lastInsertRowid) }
  }

  /** All or nothing. */
  transaction<T>(work: () => T): T {
    this.connection.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.connection.exec('COMMIT')
      return result
    } catch (error) {
      if (this.connection.isTransaction) this.connection.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.statements.clear()
    this.connection.close()
  }
}

function removeFiles(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
}
