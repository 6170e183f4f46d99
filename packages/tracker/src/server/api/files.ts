/** Console output, files, artifacts and alerts. */
import * as v from 'valibot'
import { JsonObject, Limit, Offset, Time } from './common.ts'
import { BlobRef } from './media.ts'

/** Which lines of the console output are wanted. */
export const ConsoleQuery = v.object({
  /** First line wanted, counted from 0; negative counts from the end (-200: the last 200). Default -1000. */
  from: v.optional(v.pipe(v.number(), v.integer()), -1000),
  limit: v.optional(Limit, 1000),
  /** Only lines that contain this, whatever the case. */
  search: v.optional(v.string()),
})
export type ConsoleQuery = v.InferInput<typeof ConsoleQuery>

/** A line that the program printed. */
export const ConsoleLine = v.object({
  /** Counted from 0. */
  line: v.number(),
  time: Time,
  stream: v.picklist(['stdout', 'stderr']),
  /** May hold ANSI colours. A progress bar that rewrites its line is kept as it last was. */
  text: v.string(),
})
export type ConsoleLine = v.InferOutput<typeof ConsoleLine>

/** Lines, and how many there are. */
export const ConsolePage = v.object({
  /** Lines there are; ask again from here for what is new. */
  total: v.number(),
  /** Lines that match `search`; equal to `total` without it. */
  matches: v.number(),
  lines: v.array(ConsoleLine),
})
export type ConsolePage = v.InferOutput<typeof ConsolePage>

/** A file that was kept with a run. */
export const RunFile = v.object({
  /** With `/` between folders, relative to the run. */
  path: v.string(),
  time: Time,
  blob: BlobRef,
})
export type RunFile = v.InferOutput<typeof RunFile>

/** The files of a run. */
export const RunFiles = v.object({ files: v.array(RunFile) })
export type RunFiles = v.InferOutput<typeof RunFiles>

/** One version of an artifact, and who made and used it. */
export const ArtifactVersion = v.object({
  /** 0 is the first: `v0`. */
  version: v.number(),
  /** Such as `latest`, `best`. */
  aliases: v.array(v.string()),
  /** Of all its files: equal digests are equal contents. */
  digest: v.string(),
  size: v.number(),
  fileCount: v.number(),
  created: Time,
  description: v.string(),
  metadata: JsonObject,
  /** The run that made it. */
  producer: v.nullable(v.string()),
  consumers: v.array(v.string()),
})
export type ArtifactVersion = v.InferOutput<typeof ArtifactVersion>

/** An artifact with its versions. */
export const Artifact = v.object({
  name: v.string(),
  /** Such as `model` or `dataset`. */
  type: v.string(),
  /** Newest first. */
  versions: v.array(ArtifactVersion),
})
export type Artifact = v.InferOutput<typeof Artifact>

/** The artifacts of a project. */
export const Artifacts = v.object({ artifacts: v.array(Artifact) })
export type Artifacts = v.InferOutput<typeof Artifacts>

/** The files of a version. */
export const ArtifactFiles = v.object({ files: v.array(v.object({ path: v.string(), blob: BlobRef })) })
export type ArtifactFiles = v.InferOutput<typeof ArtifactFiles>

/** Which alerts are wanted: those of some runs, or of all. */
export const AlertsQuery = v.object({
  runs: v.optional(v.array(v.string())),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 100),
})
export type AlertsQuery = v.InferInput<typeof AlertsQuery>

/** Something that a run told a person. */
export const Alert = v.object({
  run: v.string(),
  time: Time,
  step: v.number(),
  level: v.picklist(['info', 'warn', 'error']),
  title: v.string(),
  text: v.string(),
})
export type Alert = v.InferOutput<typeof Alert>

/** Newest first. */
export const Alerts = v.object({ total: v.number(), alerts: v.array(Alert) })
export type Alerts = v.InferOutput<typeof Alerts>
