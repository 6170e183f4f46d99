/**
 * What a run on another machine sends. The run log is sent as it is, by offset: bytes the server already has are not written twice, so a
 * retry is harmless, and a gap is answered by 409 with the length it has.
 */
import * as v from 'valibot'

export const IngestState = v.object({
  /** Bytes of the run log that the server has. */
  length: v.number(),
  /** Somebody asked the run to stop. */
  stop: v.boolean(),
})
export type IngestState = v.InferOutput<typeof IngestState>

export const IngestBlob = v.object({ sha256: v.string(), size: v.number() })
export type IngestBlob = v.InferOutput<typeof IngestBlob>
