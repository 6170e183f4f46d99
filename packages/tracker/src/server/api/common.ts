/** What every part of the API shares: scalars, column names, errors. */
import * as v from 'valibot'

/** A value of a table cell. JSON has no NaN or Infinity: they travel as the strings 'NaN', 'Infinity' and '-Infinity'. */
export const Scalar = v.union([v.number(), v.string(), v.boolean(), v.null()])
export type Scalar = v.InferOutput<typeof Scalar>

/** Any JSON value; numbers that are not finite are strings, as in {@link Scalar}. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export const Json = v.custom<Json>((value) => value !== undefined, 'a JSON value')

/** A JSON object; numbers that are not finite are strings, as in {@link Scalar}. */
export const JsonObject = v.custom<{ [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a JSON object',
)

/** Unix time in seconds, with fractions. */
export const Time = v.number()

/**
 * The name of a column of the runs table, also its name in the filter language.
 * - a field of the run: `name`, `id`, `state`, `created`, `updated`, `duration` (seconds), `group`, `jobType`, `tags`, `notes`, `user`,
 *   `host`, `command`, `commit`, `sweep`, `archived`, `step` (last step), `rows` (rows logged)
 * - `config.KEY` and `summary.KEY`, where KEY is the flattened key verbatim (`config.optimizer.lr`, `summary.val/acc`)
 * - `last.METRIC`, `min.METRIC`, `max.METRIC`, `mean.METRIC`, `first.METRIC`, `count.METRIC`: over all that was logged of a scalar
 *
 * Everything after the first dot is the key. In filters a key that is no plain name is quoted: `min["val/acc"] > 0.9`
 * (see {@link columnExpression}).
 */
export const ColumnId = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
export type ColumnId = v.InferOutput<typeof ColumnId>

const plainPath = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/

/** The column as it is written in a filter: `config.lr` stays, `min.val/acc` becomes `min["val/acc"]`. */
export function columnExpression(column: ColumnId): string {
  const dot = column.indexOf('.')
  if (dot < 0 || plainPath.test(column)) return column
  return `${column.slice(0, dot)}[${JSON.stringify(column.slice(dot + 1))}]`
}

/** The body of every answer whose status is 400 or above. */
export const ApiError = v.object({
  error: v.object({
    /** For programs: `bad-request`, `bad-filter`, `not-found`, `conflict`, `forbidden`, `unauthorised`, `too-large`, `internal`. */
    code: v.string(),
    /** For people: what was wrong, what was received, what to do. */
    message: v.string(),
    /** For `bad-filter`: where in the text, counted from 0. */
    position: v.optional(v.number()),
  }),
})
export type ApiError = v.InferOutput<typeof ApiError>

/** It was done, and there is nothing else to say. */
export const Ok = v.object({ ok: v.literal(true) })

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max))
/** How many to pass over. */
export const Offset = count(Number.MAX_SAFE_INTEGER)
/** The most to answer with. */
export const Limit = count(100_000)
/** In an address, where everything is text. */
export const QueryNumber = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'a whole number'), v.transform(Number))
