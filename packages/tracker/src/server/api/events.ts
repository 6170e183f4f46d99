/**
 * The live stream: `GET /api/events?project=NAME` as server-sent events, each with `data:` holding one of these objects as JSON (the SSE
 * event name is always `message`, so `onmessage` gets all). Events are hints: they say what changed, and the page asks for what it shows,
 * with its cursors. The server joins the changes of a run to at most four events a second.
 */
import * as v from 'valibot'
import { Alert } from './files.ts'
import { RunState } from './runs.ts'

/** One event of the stream: what changed, and where. */
export const ServerEvent = v.variant('type', [
  /** First event, also after a reconnection that missed something: refetch all that is shown. */
  v.object({ type: v.literal('hello'), now: v.number() }),
  v.object({
    type: v.literal('run'),
    project: v.string(),
    run: v.string(),
    state: RunState,
    revision: v.number(),
    /** `created`: new in the table; `meta`: name, tags, notes, state and such; the others as in the API. */
    changed: v.array(
      v.picklist(['created', 'meta', 'config', 'summary', 'series', 'system', 'media', 'console', 'files']),
    ),
    /** Keys that got new points or media, at most 200; null: many. */
    keys: v.nullable(v.array(v.string())),
  }),
  v.object({ type: v.literal('run-deleted'), project: v.string(), run: v.string() }),
  v.object({ type: v.literal('alert'), project: v.string(), alert: Alert }),
  v.object({ type: v.literal('artifact'), project: v.string(), name: v.string() }),
  v.object({ type: v.literal('layout'), project: v.string(), name: v.string() }),
  v.object({ type: v.literal('sweep'), project: v.string(), sweep: v.string(), changed: v.array(v.string()) }),
  v.object({ type: v.literal('project'), project: v.string() }),
])
export type ServerEvent = v.InferOutput<typeof ServerEvent>
