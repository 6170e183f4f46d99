/** Server, projects, and what they contain: columns for the table, metrics for the charts. */
import * as v from 'valibot'
import { ColumnId, Limit, Offset, Scalar, Time } from './common.ts'

/** What the page has to know of its server. */
export const ServerInfo = v.object({
  version: v.string(),
  /** The folder that is served. */
  dir: v.string(),
  /** The server's clock, to show ages rightly where the browser's clock is off. */
  now: Time,
  /** Seconds without a heartbeat after which a running run counts as crashed. */
  crashAfter: v.number(),
  readOnly: v.boolean(),
})
export type ServerInfo = v.InferOutput<typeof ServerInfo>

/** A project and how many runs it has. */
export const Project = v.object({
  name: v.string(),
  runs: v.number(),
  running: v.number(),
  sweeps: v.number(),
  created: Time,
  /** When something last happened in any of its runs. */
  updated: Time,
})
export type Project = v.InferOutput<typeof Project>

/** Which columns there are; a project may have 12,000, so they come in pages. */
export const ColumnsQuery = v.object({
  /** Only columns whose name contains this, whatever the case. */
  search: v.optional(v.string()),
  /** Only these kinds. `metric` columns are those of last, min, max, mean, first and count; they are listed once, as `last.METRIC`. */
  kinds: v.optional(v.array(v.picklist(['field', 'config', 'summary', 'metric']))),
  /** Only columns that these runs have; default: all runs that are not archived. */
  runs: v.optional(v.array(v.string())),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 1000),
})
export type ColumnsQuery = v.InferInput<typeof ColumnsQuery>

/** A column of the runs table, and what its values are like. */
export const Column = v.object({
  id: ColumnId,
  kind: v.picklist(['field', 'config', 'summary', 'metric']),
  /** Without the namespace. */
  key: v.string(),
  type: v.picklist(['number', 'string', 'boolean', 'time', 'list', 'mixed']),
  /** How many runs have it. */
  runs: v.number(),
  /** Of a number. */
  min: v.nullable(v.number()),
  max: v.nullable(v.number()),
  /** The different values, where there are at most 20. */
  values: v.nullable(v.array(Scalar)),
  /** Config that differs between runs: what a person wants to see first. */
  differs: v.boolean(),
  /** Chosen by a sweep, so shown first and pinned. */
  swept: v.boolean(),
})
export type Column = v.InferOutput<typeof Column>

/** A page of columns. */
export const Columns = v.object({ total: v.number(), columns: v.array(Column) })
export type Columns = v.InferOutput<typeof Columns>

/** Which metrics are wanted; they come in pages. */
export const MetricsQuery = v.object({
  search: v.optional(v.string()),
  /** Only what these runs logged; default: all runs that are not archived. */
  runs: v.optional(v.array(v.string())),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 1000),
})
export type MetricsQuery = v.InferInput<typeof MetricsQuery>

/** Something that was logged under one key: a panel of the workspace. */
export const Metric = v.object({
  key: v.string(),
  /** `scalar` makes a chart; the others are the kinds of media. Keys that start with `system/` are the machine's. */
  kind: v.picklist(['scalar', 'image', 'histogram', 'table', 'confusion-matrix', 'html', 'plot', 'text', 'file']),
  /** The section it belongs to: what is before the last slash, else ''. */
  section: v.string(),
  runs: v.number(),
  /** From `defineMetric`: the metric to use as x. */
  stepMetric: v.nullable(v.string()),
  hidden: v.boolean(),
  goal: v.nullable(v.picklist(['minimize', 'maximize'])),
})
export type Metric = v.InferOutput<typeof Metric>

/** A page of metrics. */
export const Metrics = v.object({ total: v.number(), metrics: v.array(Metric) })
export type Metrics = v.InferOutput<typeof Metrics>
