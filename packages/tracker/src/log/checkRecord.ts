/** Whether what stands in a log as a record is one: a log may be damaged, or come from somebody else's machine. */
import type { ConsoleRecord, LogRecord } from './records.ts'

type Check = (value: unknown) => boolean
type Shape = { [field: string]: Check }

const MAX_DEPTH = 500

const text: Check = (value) => typeof value === 'string'
const number: Check = (value) => Number.isFinite(value)
const flag: Check = (value) => typeof value === 'boolean'
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)
const mapOf =
  (item: Check): Check =>
  (value) =>
    object(value) && Object.values(value as object).every(item)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const oneOf =
  (...options: unknown[]): Check =>
  (value) =>
    options.includes(value)
const shaped =
  (shape: Shape): Check =>
  (value) =>
    object(value) &&
    Object.entries(shape).every(([field, check]) => check((value as { [key: string]: unknown })[field]))

const blob = shaped({ sha256: (value) => /^[0-9a-f]{64}$/.test(String(value)), size: number, mime: text })
const file = shaped({ path: text, blob })
const box = shaped({
  box: (value) => listOf(number)(value) && (value as unknown[]).length === 4,
  class: number,
  caption: orNull(text),
  scores: mapOf(number),
})

const items: { [kind: string]: Check } = {
  image: shaped({
    blob,
    width: number,
    height: number,
    caption: orNull(text),
    masks: mapOf(shaped({ blob, classes: mapOf(text) })),
    boxes: mapOf(shaped({ boxes: listOf(box), classes: mapOf(text) })),
  }),
  histogram: shaped({ edges: listOf(number), counts: listOf(number) }),
  table: shaped({ blob, columns: listOf(text), rows: number }),
  'confusion-matrix': shaped({ classes: listOf(text), counts: listOf(listOf(number)) }),
  html: shaped({ blob }),
  plot: shaped({ format: oneOf('vega-lite', 'plot', 'svg'), spec: (value) => value !== undefined, blob: orNull(blob) }),
  text: shaped({ text }),
  file: shaped({ blob, name: text }),
}
const item: Check = (value) => {
  const kind = object(value) ? (value as { kind?: unknown }).kind : undefined
  return typeof kind === 'string' && Object.hasOwn(items, kind) && items[kind](value)
}

const summaries = listOf(oneOf('min', 'max', 'mean', 'last', 'first', 'none'))

const records: { [Type in LogRecord['type']]: Shape } = {
  start: {
    time: number,
    project: text,
    run: text,
    name: text,
    group: orNull(text),
    jobType: orNull(text),
    tags: listOf(text),
    notes: text,
    sweep: orNull(text),
    host: text,
    pid: number,
    runtime: number,
    step: number,
    version: text,
  },
  config: { set: object, removed: optional(listOf(text)) },
  summary: { set: object, removed: optional(listOf(text)) },
  metric: {
    name: text,
    stepMetric: orNull(text),
    stepSync: flag,
    hidden: flag,
    summary: summaries,
    goal: orNull(oneOf('minimize', 'maximize')),
  },
  media: { step: number, time: number, key: text, items: listOf(item) },
  alert: { time: number, step: number, level: oneOf('info', 'warn', 'error'), title: text, text },
  file: { time: number, path: text, blob },
  artifact: {
    time: number,
    name: text,
    kind: text,
    description: text,
    metadata: object,
    aliases: listOf(text),
    digest: text,
    files: listOf(file),
  },
  'use-artifact': { time: number, name: text, digest: text },
  environment: { environment: object },
  model: { text },
  problem: { time: number, message: text },
  edit: {
    time: number,
    name: optional(text),
    notes: optional(text),
    tags: optional(listOf(text)),
    group: optional(orNull(text)),
    archived: optional(flag),
    color: optional(orNull(text)),
  },
  finish: { time: number, state: oneOf('finished', 'failed', 'stopped'), exitCode: number, error: orNull(text) },
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isTooDeep(inner, depth - 1))
}

/**
 * @returns the record; null where its type is not known here (a later version wrote it); undefined where it is not what its type says.
 */
export function checkRecord(value: unknown): LogRecord | null | undefined {
  if (!object(value)) return undefined
  const { type } = value as { type?: unknown }
  if (typeof type !== 'string') return undefined
  if (!Object.hasOwn(records, type)) return null
  if (isTooDeep(value, MAX_DEPTH) || !shaped(records[type as LogRecord['type']])(value)) return undefined
  return value as LogRecord
}

const line = shaped({ time: number, stream: oneOf('stdout', 'stderr'), text, replace: optional(flag) })

export const isConsole = (value: unknown): value is ConsoleRecord[] => listOf(line)(value)
