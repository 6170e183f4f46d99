/** Everything in a run log that is not a row of scalars: one JSON object each, told apart by `type`. Times are unix seconds. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A session begins: the first is the run's beginning, each further one a resume. */
export interface StartRecord {
  type: 'start'
  time: number
  project: string
  run: string
  name: string
  group: string | null
  jobType: string | null
  tags: string[]
  notes: string
  sweep: string | null
  host: string
  pid: number
  /** Seconds the run had run before this session. */
  runtime: number
  /** First step of this session. */
  step: number
  /** Version of the library that writes. */
  version: string
}

/** Config values of the top level, set or removed. */
export interface ConfigRecord {
  type: 'config'
  set: JsonObject
  removed?: string[]
}

/** Summary values that the program set itself: they stand above what is derived from rows. */
export interface SummaryRecord {
  type: 'summary'
  set: JsonObject
  removed?: string[]
}

export type SummaryKind = 'min' | 'max' | 'mean' | 'last' | 'first' | 'none'

export interface MetricRecord {
  type: 'metric'
  /** A key, or a prefix that ends with `*`. */
  name: string
  stepMetric: string | null
  stepSync: boolean
  hidden: boolean
  summary: SummaryKind[]
  goal: 'minimize' | 'maximize' | null
}

/** A file of the run's blob store. */
export interface BlobRecord {
  sha256: string
  size: number
  mime: string
}

export interface BoxRecord {
  box: [left: number, top: number, right: number, bottom: number]
  class: number
  caption: string | null
  scores: { [name: string]: number }
}

export type MediaRecordItem =
  | {
      kind: 'image'
      blob: BlobRecord
      width: number
      height: number
      caption: string | null
      masks: { [name: string]: { blob: BlobRecord; classes: { [index: string]: string } } }
      boxes: { [name: string]: { boxes: BoxRecord[]; classes: { [index: string]: string } } }
    }
  | { kind: 'histogram'; edges: number[]; counts: number[] }
  | { kind: 'table'; blob: BlobRecord; columns: string[]; rows: number }
  | { kind: 'confusion-matrix'; classes: string[]; counts: number[][] }
  | { kind: 'html'; blob: BlobRecord }
  | { kind: 'plot'; format: 'vega-lite' | 'plot' | 'svg'; spec: Json; blob: BlobRecord | null }
  | { kind: 'text'; text: string }
  | { kind: 'file'; blob: BlobRecord; name: string }

export interface MediaRecord {
  type: 'media'
  step: number
  time: number
  key: string
  items: MediaRecordItem[]
}

export interface AlertRecord {
  type: 'alert'
  time: number
  step: number
  level: 'info' | 'warn' | 'error'
  title: string
  text: string
}

export interface FileRecord {
  type: 'file'
  time: number
  path: string
  blob: BlobRecord
}

export interface ArtifactRecord {
  type: 'artifact'
  time: number
  name: string
  kind: string
  description: string
  metadata: JsonObject
  aliases: string[]
  digest: string
  files: { path: string; blob: BlobRecord }[]
}

export interface UseArtifactRecord {
  type: 'use-artifact'
  time: number
  name: string
  digest: string
}

export interface EnvironmentRecord {
  type: 'environment'
  environment: JsonObject
}

export interface ModelRecord {
  type: 'model'
  text: string
}

/** Something that a person should know about this run. */
export interface ProblemRecord {
  type: 'problem'
  time: number
  message: string
}

/** What a program or a person changed; what is absent stays. */
export interface EditRecord {
  type: 'edit'
  time: number
  name?: string
  notes?: string
  tags?: string[]
  group?: string | null
  archived?: boolean
  color?: string | null
}

export interface FinishRecord {
  type: 'finish'
  time: number
  state: 'finished' | 'failed' | 'stopped'
  exitCode: number
  error: string | null
}

export type LogRecord =
  | StartRecord
  | ConfigRecord
  | SummaryRecord
  | MetricRecord
  | MediaRecord
  | AlertRecord
  | FileRecord
  | ArtifactRecord
  | UseArtifactRecord
  | EnvironmentRecord
  | ModelRecord
  | ProblemRecord
  | EditRecord
  | FinishRecord

/** A piece of console output: `replace` rewrites the line before it, as a progress bar does after a carriage return. */
export interface ConsoleRecord {
  time: number
  stream: 'stdout' | 'stderr'
  text: string
  replace?: boolean
}

/** JSON has no NaN or Infinity: they become the strings 'NaN', 'Infinity' and '-Infinity'; a big integer becomes a number or a string. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item)
    if (typeof item === 'bigint')
      return item >= Number.MIN_SAFE_INTEGER && item <= Number.MAX_SAFE_INTEGER ? Number(item) : String(item)
    if (item instanceof Map) return Object.fromEntries(item)
    if (item instanceof Set) return [...item]
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as unknown as ArrayLike<number>)
    if (typeof item === 'function' || typeof item === 'symbol') return String(item)
    return item
  })
  return text === undefined ? null : (JSON.parse(text) as Json)
}
