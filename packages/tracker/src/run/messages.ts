/** What the training thread and the writer thread say to each other. `run` is the number of a run within the process. */
import type { ConsoleRecord, JsonObject, LogRecord, MetricRecord } from '../log/records.ts'
import type { MediaInput } from '../media/input.ts'

export interface OpenOptions {
  dir: string
  project: string
  id: string
  /** Null: the generated name, unless the run is resumed. */
  name: string
  group: string | null
  jobType: string | null
  tags: string[]
  notes: string
  sweep: string | null
  /** What to do where the run exists, and where it does not. */
  resume: 'never' | 'allow' | 'must'
  command: string
  version: string
  /** Seconds between samples of the system; 0: none. */
  systemInterval: number
  captureGit: boolean
  captureEnvironment: boolean
  remote: { url: string; token: string | null } | null
  /** Int32 flags, see {@link Flag}. */
  flags: SharedArrayBuffer
}

/** Indices of the flags that both threads see without waiting for each other's event loop. */
export const Flag = {
  /** 1: somebody asked the run to stop. */
  stop: 0,
  /** 1: everything is written and the run is closed. */
  closed: 1,
  /** The latest step, for samples of the system (as it is not exact beyond 2³¹, only for that). */
  step: 2,
} as const

export type ToWriter =
  | { type: 'open'; run: number; options: OpenOptions }
  | { type: 'segment'; run: number; segment: SharedArrayBuffer }
  | { type: 'schema'; run: number; schema: number; keys: string[] }
  | { type: 'record'; run: number; record: LogRecord }
  | { type: 'console'; run: number; line: ConsoleRecord }
  | { type: 'media'; run: number; step: number; time: number; key: string; items: MediaInput[] }
  | { type: 'file'; run: number; request: number; file: string; path: string }
  | { type: 'artifact'; run: number; request: number; artifact: ArtifactInput }
  | { type: 'finish'; run: number; exitCode: number; state: 'finished' | 'failed' | 'stopped'; error: string | null }

export interface ArtifactInput {
  name: string
  kind: string
  description: string
  metadata: JsonObject
  aliases: string[]
  /** Files to take, with their places in the artifact. */
  files: { path: string; file: string }[]
  /** Bytes to take. */
  contents: { path: string; bytes: Uint8Array }[]
}

/** What a resumed run already has. */
export interface Opened {
  resumed: boolean
  /** The next step. */
  step: number
  name: string
  tags: string[]
  notes: string
  config: JsonObject
  explicit: JsonObject
  definitions: MetricRecord[]
  metrics: (readonly [string, number[]])[]
  folder: string
}

export type FromWriter =
  | { type: 'opened'; run: number; opened: Opened }
  | { type: 'refused'; run: number; name: string; message: string }
  | { type: 'done'; run: number; request: number; result: unknown }
  | { type: 'failed'; run: number; request: number; message: string }
  | { type: 'warn'; run: number; message: string }
  | { type: 'stop'; run: number }
  | { type: 'closed'; run: number }
