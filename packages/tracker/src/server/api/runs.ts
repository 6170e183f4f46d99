/** Runs: the table, one run, and what may be changed in it. */
import * as v from 'valibot'
import { ColumnId, Json, JsonObject, Limit, Offset, Scalar, Time } from './common.ts'

/**
 * - `running`: its heart beats
 * - `finished`: ended by itself with exit code 0; `failed`: with another
 * - `crashed`: no heartbeat, no end
 * - `stopped`: ended because somebody asked it to
 */
export const RunState = v.picklist(['running', 'finished', 'failed', 'crashed', 'stopped'])
export type RunState = v.InferOutput<typeof RunState>

/** Which runs are meant: all conditions must hold. */
export const RunSelection = {
  /** A filter: `config.lr < 0.01 and summary.loss < 0.2 and "good" in tags`. A mistake is answered by 400 `bad-filter` with its position. */
  where: v.optional(v.pipe(v.string(), v.maxLength(10_000))),
  /** Runs whose name, id, group or tags contain this, whatever the case. */
  search: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  /** Only these runs, in this order unless sorted. */
  runs: v.optional(v.array(v.string())),
  /** Archived runs too; default false. */
  archived: v.optional(v.boolean(), false),
}

/** A column to sort by; smallest first unless `descending`. */
export const Sort = v.object({ column: ColumnId, descending: v.optional(v.boolean(), false) })
export type Sort = v.InferInput<typeof Sort>

/** Which runs are wanted, in which order, with which columns. */
export const RunsQuery = v.object({
  ...RunSelection,
  /** Runs without the value come last in either direction. Default: newest first. */
  sort: v.optional(v.pipe(v.array(Sort), v.maxLength(8)), []),
  /** The columns whose values are wanted: those on screen. */
  columns: v.optional(v.pipe(v.array(ColumnId), v.maxLength(500)), []),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 100),
  /** Only the runs of one group of a grouped query: the group's values of `groupBy`. */
  group: v.optional(v.object({ by: v.array(ColumnId), key: v.array(Scalar) })),
})
export type RunsQuery = v.InferInput<typeof RunsQuery>

/** A run as a row of the table. */
export const RunRow = v.object({
  id: v.string(),
  name: v.string(),
  state: RunState,
  created: Time,
  /** Last heartbeat or record. */
  updated: Time,
  /** Seconds it ran, over all resumes. */
  duration: v.number(),
  group: v.nullable(v.string()),
  jobType: v.nullable(v.string()),
  tags: v.array(v.string()),
  archived: v.boolean(),
  /** A CSS colour that a person chose, else null: the page picks one by id. */
  color: v.nullable(v.string()),
  sweep: v.nullable(v.string()),
  /** Grows with every change of the run. */
  revision: v.number(),
  /** Aligned with the query's `columns`; null where the run has no such value. */
  values: v.array(Scalar),
})
export type RunRow = v.InferOutput<typeof RunRow>

/** A page of runs. */
export const RunsPage = v.object({
  /** Runs that match, not only those on this page. */
  total: v.number(),
  rows: v.array(RunRow),
})
export type RunsPage = v.InferOutput<typeof RunsPage>

/** Groups of runs that share the values of `groupBy`. The runs inside come from a {@link RunsQuery} with `group`. */
export const GroupsQuery = v.object({
  ...RunSelection,
  groupBy: v.pipe(v.array(ColumnId), v.minLength(1), v.maxLength(4)),
  columns: v.optional(v.pipe(v.array(ColumnId), v.maxLength(500)), []),
  /** By a group's mean of a column, by a column of `groupBy`, or by `count`. Default: largest group first. */
  sort: v.optional(v.pipe(v.array(Sort), v.maxLength(8)), []),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 100),
})
export type GroupsQuery = v.InferInput<typeof GroupsQuery>

/** What the runs of a group have in one column. */
export const Aggregate = v.object({
  /** How many runs of the group have a number there. */
  count: v.number(),
  mean: v.nullable(v.number()),
  min: v.nullable(v.number()),
  max: v.nullable(v.number()),
  /** The value where all runs of the group agree, else null. */
  same: Scalar,
})
export type Aggregate = v.InferOutput<typeof Aggregate>

/** The runs that share the values of the columns grouped by. */
export const RunGroup = v.object({
  key: v.array(Scalar),
  count: v.number(),
  states: v.record(v.string(), v.number()),
  /** Up to 1,000, newest first, for charts of the group. */
  runs: v.array(v.string()),
  values: v.array(Aggregate),
})
export type RunGroup = v.InferOutput<typeof RunGroup>

/** A page of groups. */
export const GroupsPage = v.object({ total: v.number(), runs: v.number(), groups: v.array(RunGroup) })
export type GroupsPage = v.InferOutput<typeof GroupsPage>

/** Whole columns for all matching runs, for scatter plots, parallel coordinates and importance. */
export const RunColumnsQuery = v.object({
  ...RunSelection,
  columns: v.pipe(v.array(ColumnId), v.minLength(1), v.maxLength(200)),
  limit: v.optional(Limit, 100_000),
})
export type RunColumnsQuery = v.InferInput<typeof RunColumnsQuery>

/** Columns of runs, side by side. */
export const RunColumns = v.object({
  runs: v.array(v.string()),
  names: v.array(v.string()),
  states: v.array(RunState),
  /** One array for each of the query's `columns`, each aligned with `runs`. */
  values: v.array(v.array(Scalar)),
})
export type RunColumns = v.InferOutput<typeof RunColumns>

/** Where a run ran: program, machine, versions. */
export const Environment = v.object({
  command: v.nullable(v.string()),
  cwd: v.nullable(v.string()),
  host: v.nullable(v.string()),
  user: v.nullable(v.string()),
  pid: v.nullable(v.number()),
  os: v.nullable(v.string()),
  /** Name and version, such as `node 24.21.0`. */
  runtime: v.nullable(v.string()),
  cpu: v.nullable(v.string()),
  cores: v.nullable(v.number()),
  /** Bytes. */
  memory: v.nullable(v.number()),
  gpus: v.array(v.string()),
  git: v.nullable(
    v.object({
      commit: v.string(),
      branch: v.nullable(v.string()),
      remote: v.nullable(v.string()),
      /** Uncommitted changes; they are in the file `diff.patch` of the run. */
      dirty: v.boolean(),
    }),
  ),
  /** Dependencies with their versions. */
  packages: v.record(v.string(), v.string()),
})
export type Environment = v.InferOutput<typeof Environment>

/** Everything about one run but its series and media. */
export const RunDetail = v.object({
  ...v.omit(RunRow, ['values']).entries,
  project: v.string(),
  notes: v.string(),
  config: JsonObject,
  summary: JsonObject,
  environment: v.nullable(Environment),
  /** The model printed layer by layer, where the program gave it. */
  modelSummary: v.nullable(v.string()),
  exitCode: v.nullable(v.number()),
  /** Of an error that ended the run. */
  error: v.nullable(v.string()),
  /** Somebody asked it to stop, and it has not ended yet. */
  stopping: v.boolean(),
  lastStep: v.nullable(v.number()),
  /** Start of each session: more than one where it was resumed. */
  sessions: v.array(v.object({ started: Time, ended: v.nullable(Time), step: v.number() })),
  counts: v.object({
    rows: v.number(),
    points: v.number(),
    media: v.number(),
    consoleLines: v.number(),
    alerts: v.number(),
    files: v.number(),
    /** Bytes on disk of the run log. */
    bytes: v.number(),
  }),
  /** What a person should know: a torn tail that was cut, rows logged out of order, data that could not be written. */
  problems: v.array(v.string()),
})
export type RunDetail = v.InferOutput<typeof RunDetail>

/** What a person may change; what is not given stays. */
export const RunEdit = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  notes: v.optional(v.pipe(v.string(), v.maxLength(100_000))),
  tags: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(100))), v.maxLength(100))),
  group: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(200)))),
  archived: v.optional(v.boolean()),
  color: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i, 'a colour such as #12abef')))),
})
export type RunEdit = v.InferInput<typeof RunEdit>

/** The same for many runs. */
export const BulkEdit = v.strictObject({
  runs: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(100_000)),
  action: v.picklist(['archive', 'unarchive', 'delete', 'stop', 'add-tags', 'remove-tags', 'group']),
  /** For `add-tags` and `remove-tags`. */
  tags: v.optional(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(100))), []),
  /** For `group`. */
  group: v.optional(v.nullable(v.string()), null),
})
export type BulkEdit = v.InferInput<typeof BulkEdit>

/** The runs that were changed, and those that could not be, with the reason. */
export const BulkResult = v.object({
  done: v.array(v.string()),
  failed: v.array(v.object({ run: v.string(), message: v.string() })),
})
export type BulkResult = v.InferOutput<typeof BulkResult>

/** Rows as they were logged, for a data view: one page. */
export const HistoryQuery = v.object({
  /** Default: all scalar keys, at most 500. */
  keys: v.optional(v.pipe(v.array(v.string()), v.maxLength(500))),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 1000),
})
export type HistoryQuery = v.InferInput<typeof HistoryQuery>

/** Rows as they were logged. */
export const HistoryPage = v.object({
  total: v.number(),
  /** `_step`, `_timestamp` and `_runtime` first. */
  keys: v.array(v.string()),
  rows: v.array(v.array(Json)),
})
export type HistoryPage = v.InferOutput<typeof HistoryPage>
