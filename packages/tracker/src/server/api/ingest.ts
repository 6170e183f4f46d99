/**
 * What a run on another machine sends. The run log is sent as it is, by offset: bytes the server already has are not written twice, so a
 * retry is harmless, and a gap is answered by 409 with the length it has.
 */
import * as v from 'valibot'
import { JsonObject } from './common.ts'

/** How much of a run log has arrived. */
export const IngestState = v.object({
  /** Bytes of the run log that the server has. */
  length: v.number(),
  /** Somebody asked the run to stop. */
  stop: v.boolean(),
})
export type IngestState = v.InferOutput<typeof IngestState>

/** A file that has arrived. */
export const IngestBlob = v.object({ sha256: v.string(), size: v.number() })
export type IngestBlob = v.InferOutput<typeof IngestBlob>

/** A version of an artifact whose files have been sent. */
export const IngestArtifact = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  kind: v.string(),
  description: v.string(),
  metadata: JsonObject,
  aliases: v.array(v.string()),
  /** Their blobs must have been sent before, with `store=artifacts`. */
  files: v.array(
    v.object({ path: v.string(), blob: v.object({ sha256: v.string(), size: v.number(), mime: v.string() }) }),
  ),
})
export type IngestArtifact = v.InferOutput<typeof IngestArtifact>

/** The version that it became; `isNew` is false where the newest one had the same files. */
export const IngestedArtifact = v.object({ version: v.number(), digest: v.string(), isNew: v.boolean() })
