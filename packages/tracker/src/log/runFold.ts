/**
 * What a run *is* at some point of its log: name, config, summary, statistics, sessions, state. The one place where the meaning of
 * records is decided; the writer uses it to resume and the index to fill its tables.
 */

import type { LogEntry } from './decoder.ts'
import { Definitions, summaryOf } from './definitions.ts'
import { MetricStats } from './metricStats.ts'
import type { EditRecord, FinishRecord, Json, JsonObject, LogRecord, StartRecord } from './records.ts'
import type { Rows } from './rows.ts'

export interface Session {
  started: number
  ended: number | null
  /** Seconds that the run had run before it. */
  runtime: number
  step: number
}

export interface FoldCounts {
  rows: number
  points: number
  media: number
  consoleLines: number
  alerts: number
  files: number
}

/** Fields that a later edit overrides, with the time of the last change. */
type Editable = Omit<EditRecord, 'type' | 'time'>

const MAX_PROBLEMS = 100

export class RunFold {
  start: StartRecord | null = null
  finish: FinishRecord | null = null
  readonly sessions: Session[] = []
  config: JsonObject = {}
  /** What the program set in the summary by itself. */
  explicit: JsonObject = {}
  readonly metrics = new Map<string, MetricStats>()
  readonly system = new Map<string, MetricStats>()
  readonly definitions = new Definitions()
  readonly counts: FoldCounts = { rows: 0, points: 0, media: 0, consoleLines: 0, alerts: 0, files: 0 }
  readonly problems: string[] = []
  environment: JsonObject | null = null
  model: string | null = null
  lastStep: number | null = null
  /** Unix time in seconds of the last row or record. */
  lastTime = 0
  private readonly edited: { [K in keyof Editable]?: { time: number; value: Editable[K] } } = {}
  private row = -1
  private readonly lastRowOf = new Map<string, number>()

  add(entry: LogEntry): void {
    if (entry.kind === 'rows') this.addRows(entry.rows, entry.keys)
    else if (entry.kind === 'system') this.addSystem(entry.rows, entry.keys)
    else if (entry.kind === 'record') this.addRecord(entry.record)
    else if (entry.kind === 'console') this.counts.consoleLines += entry.lines.filter((line) => !line.replace).length
  }

  private addRows(rows: Rows, keys: readonly string[]): void {
    const rowOf = new Float64Array(rows.count)
    for (let i = 0; i < rows.count; i++) {
      if (!rows.continues?.[i] || this.row < 0) this.row++
      rowOf[i] = this.row
      if (this.lastStep === null || rows.steps[i] > this.lastStep) this.lastStep = rows.steps[i]
    }
    for (const column of rows.columns) {
      const key = keys[column.key]
      let stats = this.metrics.get(key)
      if (!stats) this.metrics.set(key, (stats = new MetricStats()))
      let last = this.lastRowOf.get(key) ?? -1
      for (let i = 0; i < column.values.length; i++) {
        const row = rowOf[column.rows ? column.rows[i] : i]
        const replaces = row === last
        stats.add(column.values[i], replaces)
        if (!replaces) this.counts.points++
        last = row
      }
      this.lastRowOf.set(key, last)
    }
    this.counts.rows = this.row + 1
    this.lastTime = Math.max(this.lastTime, rows.times[rows.count - 1] / 1e6)
  }

  private addSystem(rows: Rows, keys: readonly string[]): void {
    for (const column of rows.columns) {
      const key = keys[column.key]
      let stats = this.system.get(key)
      if (!stats) this.system.set(key, (stats = new MetricStats()))
      for (const value of column.values) stats.add(value)
    }
  }

  private addRecord(record: LogRecord): void {
    if ('time' in record && typeof record.time === 'number') this.lastTime = Math.max(this.lastTime, record.time)
    switch (record.type) {
      case 'start':
        this.addStart(record)
        break
      case 'config':
        merge(this.config, record.set, record.removed)
        break
      case 'summary':
        merge(this.explicit, record.set, record.removed)
        break
      case 'metric':
        this.definitions.add(record)
        break
      case 'media': {
        this.counts.media += record.items.length
        if (this.lastStep === null || record.step > this.lastStep) this.lastStep = record.step
        const [item] = record.items
        if (record.items.length === 1 && item.kind === 'text') setOwn(this.texts, record.key, item.text)
        break
      }
      case 'alert':
        this.counts.alerts++
        break
      case 'file':
        this.counts.files++
        break
      case 'environment':
        this.environment = record.environment
        break
      case 'model':
        this.model = record.text
        break
      case 'problem':
        if (this.problems.length < MAX_PROBLEMS) this.problems.push(record.message)
        break
      case 'edit':
        this.edit(record)
        break
      case 'finish': {
        this.finish = record
        const session = this.sessions.at(-1)
        if (session) session.ended = record.time
        break
      }
    }
  }

  private texts: { [key: string]: string } = {}

  private addStart(start: StartRecord): void {
    const before = this.sessions.at(-1)
    if (before && before.ended === null) before.ended = Math.min(start.time, Math.max(before.started, this.lastTime))
    this.sessions.push({ started: start.time, ended: null, runtime: start.runtime, step: start.step })
    this.start ??= start
    this.finish = null
  }

  /** Takes the newer value of each field: edits come from two files, the program's and the server's. */
  edit(record: EditRecord): void {
    for (const key of ['name', 'notes', 'tags', 'group', 'archived', 'color'] as const) {
      const value = record[key]
      const seen = this.edited[key]
      if (value === undefined || (seen && seen.time > record.time)) continue
      ;(this.edited as { [key: string]: unknown })[key] = { time: record.time, value }
    }
  }

  private current<K extends keyof Editable>(key: K, otherwise: NonNullable<Editable[K]> | null): Editable[K] {
    return this.edited[key] ? this.edited[key].value : (otherwise as Editable[K])
  }

  get name(): string {
    return this.current('name', this.start?.name ?? '') as string
  }
  get notes(): string {
    return this.current('notes', this.start?.notes ?? '') as string
  }
  get tags(): string[] {
    return this.current('tags', this.start?.tags ?? []) as string[]
  }
  get group(): string | null {
    return this.current('group', this.start?.group ?? null) as string | null
  }
  get archived(): boolean {
    return this.current('archived', false) as boolean
  }
  get color(): string | null {
    return this.current('color', null) as string | null
  }

  /** Derived from rows by the definitions, with what the program set above it. */
  get summary(): JsonObject {
    const summary: JsonObject = {}
    for (const [key, stats] of this.metrics) {
      const value = summaryOf(stats, this.definitions.of(key))
      if (value !== undefined) setOwn(summary, key, value)
    }
    return { ...this.texts, ...summary, ...this.explicit }
  }

  /** Number of the last row that had a key, −1 where none had. */
  lastRow(key: string): number {
    return this.lastRowOf.get(key) ?? -1
  }

  /** Seconds of all sessions; the last one counts up to `now` while it has not ended. */
  duration(now = this.lastTime): number {
    const session = this.sessions.at(-1)
    return session ? session.runtime + Math.max(0, (session.ended ?? now) - session.started) : 0
  }

  /** Everything as a text for {@link RunFold.parse}. */
  stringify(): string {
    return JSON.stringify(this.save(), (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    )
  }

  static parse(text: string): RunFold {
    return RunFold.restore(JSON.parse(text) as SavedFold)
  }

  private save(): SavedFold {
    const stats = (map: Map<string, MetricStats>) => Array.from(map, ([key, value]) => [key, value.save()] as const)
    return {
      start: this.start,
      finish: this.finish,
      sessions: this.sessions,
      config: this.config,
      explicit: this.explicit,
      texts: this.texts,
      metrics: stats(this.metrics),
      system: stats(this.system),
      definitions: this.definitions.all(),
      counts: this.counts,
      problems: this.problems,
      environment: this.environment,
      model: this.model,
      lastStep: this.lastStep,
      lastTime: this.lastTime,
      edited: this.edited,
      row: this.row,
      lastRowOf: [...this.lastRowOf],
    }
  }

  private static restore(saved: SavedFold): RunFold {
    const fold = new RunFold()
    fold.start = saved.start
    fold.finish = saved.finish
    fold.sessions.push(...saved.sessions)
    fold.config = saved.config
    fold.explicit = saved.explicit
    fold.texts = saved.texts
    for (const [key, value] of saved.metrics) fold.metrics.set(key, MetricStats.restore(value))
    for (const [key, value] of saved.system) fold.system.set(key, MetricStats.restore(value))
    for (const definition of saved.definitions) fold.definitions.add(definition)
    Object.assign(fold.counts, saved.counts)
    fold.problems.push(...saved.problems)
    fold.environment = saved.environment
    fold.model = saved.model
    fold.lastStep = saved.lastStep
    fold.lastTime = saved.lastTime
    Object.assign(fold.edited, saved.edited)
    fold.row = saved.row
    for (const [key, row] of saved.lastRowOf) fold.lastRowOf.set(key, row)
    return fold
  }
}

interface SavedFold {
  start: StartRecord | null
  finish: FinishRecord | null
  sessions: Session[]
  config: JsonObject
  explicit: JsonObject
  texts: { [key: string]: string }
  metrics: (readonly [string, number[]])[]
  system: (readonly [string, number[]])[]
  definitions: ReturnType<Definitions['all']>
  counts: FoldCounts
  problems: string[]
  environment: JsonObject | null
  model: string | null
  lastStep: number | null
  lastTime: number
  edited: object
  row: number
  lastRowOf: [string, number][]
}

function merge(target: JsonObject, set: JsonObject, removed: string[] | undefined): void {
  for (const key of removed ?? []) delete target[key]
  for (const [key, value] of Object.entries(set)) setOwn(target, key, value)
}

/** A key may be `__proto__`: it is data, and stays data. */
function setOwn(target: JsonObject, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}
