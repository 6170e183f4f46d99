/**
 * Series: what a chart draws. Cost follows the pixels, not the history: the server answers with at most one bucket a pixel, and with a
 * cursor it answers with what is new only.
 */
import * as v from 'valibot'

/**
 * What runs along the x axis: `step`; `relative`, seconds since the run started; `wall`, unix seconds; or another metric, paired with y by row.
 * System metrics (`system/…`) have all of these too: their step is the run's at that moment.
 */
export const XAxis = v.union([v.picklist(['step', 'relative', 'wall']), v.object({ metric: v.string() })])
export type XAxis = v.InferOutput<typeof XAxis>

/** Computed by the server on every logged point, before anything is decimated. Values that are not finite are skipped. */
export const Smoothing = v.variant('kind', [
  v.object({ kind: v.literal('none') }),
  /** Exponential moving average with debias, weighted by the distance between points along x, as wandb's default. */
  v.object({ kind: v.literal('time-weighted-ema'), weight: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9999)) }),
  /** Exponential moving average with debias, every point alike, as TensorBoard's. */
  v.object({ kind: v.literal('ema'), weight: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9999)) }),
  /** Mean over `window` points around each. */
  v.object({
    kind: v.literal('running-mean'),
    window: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e6)),
  }),
  /** Gaussian kernel over the points around each; sigma in points. */
  v.object({ kind: v.literal('gaussian'), sigma: v.pipe(v.number(), v.minValue(0), v.maxValue(1e5)) }),
])
export type Smoothing = v.InferOutput<typeof Smoothing>

const Finite = v.pipe(v.number(), v.finite())
/** Both ends inclusive. */
export const XRange = v.pipe(
  v.tuple([Finite, Finite]),
  v.check(([from, to]) => from <= to, 'from must not be above to'),
)

const Pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000))

/** The lines of one chart. */
export const SeriesQuery = v.object({
  /** All on one chart, so all share x, range and smoothing. */
  series: v.pipe(
    v.array(v.object({ run: v.string(), metric: v.string(), cursor: v.optional(v.string()) })),
    v.maxLength(2000),
  ),
  x: v.optional(XAxis, 'step'),
  /** The visible part of x; default all. The nearest point on each side is added, so that lines reach the border. */
  range: v.optional(XRange),
  /** Width of the plot in device pixels: at most so many buckets a series. */
  pixels: v.optional(Pixels, 1000),
  smoothing: v.optional(Smoothing, { kind: 'none' }),
})
export type SeriesQuery = v.InferInput<typeof SeriesQuery>

const Values = v.array(v.nullable(v.number()))

/**
 * One line. Bucket boundaries are multiples of a power of two, so they do not move while a run grows or a person zooms.
 * In all arrays null stands for a value that is not finite.
 */
export const SeriesData = v.object({
  run: v.string(),
  metric: v.string(),
  /** Keep so many buckets of what you had with the cursor you sent and append these. 0: take these instead. */
  keep: v.number(),
  /** Of the first point in each bucket, ascending (except where x is a metric: then in the order of logging). */
  x: v.array(v.number()),
  /** The line to draw: the mean of each bucket, smoothed where smoothing was asked for. */
  y: Values,
  /** Lowest and highest unsmoothed value of each bucket; absent where every bucket is a single unsmoothed point. */
  min: v.optional(Values),
  max: v.optional(Values),
  /** The unsmoothed mean of each bucket; absent without smoothing. */
  raw: v.optional(Values),
  /** Width of a bucket in units of x; 0: every logged point is there. */
  bucket: v.number(),
  /** Points logged in all, and how many of them were not finite. */
  points: v.number(),
  nonFinite: v.number(),
  /** Extent of x over the whole series, null when it is empty. */
  extent: v.nullable(v.tuple([v.number(), v.number()])),
  /** Send it with the same query to get what is new. */
  cursor: v.string(),
})
export type SeriesData = v.InferOutput<typeof SeriesData>

/** Series that do not exist (yet) come back empty, in the order of the query. */
export const SeriesAnswer = v.object({ series: v.array(SeriesData) })
export type SeriesAnswer = v.InferOutput<typeof SeriesAnswer>

/** One line with a band for each group of runs. */
export const AggregateQuery = v.object({
  metric: v.string(),
  groups: v.pipe(v.array(v.object({ key: v.string(), runs: v.array(v.string()) })), v.maxLength(500)),
  x: v.optional(XAxis, 'step'),
  range: v.optional(XRange),
  pixels: v.optional(Pixels, 500),
  smoothing: v.optional(Smoothing, { kind: 'none' }),
  center: v.optional(v.picklist(['mean', 'median', 'min', 'max']), 'mean'),
  /** `deviation`: one standard deviation (of the sample); `error`: standard error of the mean; `range`: lowest and highest. */
  band: v.optional(v.picklist(['deviation', 'error', 'range', 'none']), 'deviation'),
})
export type AggregateQuery = v.InferInput<typeof AggregateQuery>

/** The line and band of one group. */
export const AggregateData = v.object({
  key: v.string(),
  x: v.array(v.number()),
  center: Values,
  low: Values,
  high: Values,
  /** How many runs have a value in each bucket: a mean over one run is no mean. */
  count: v.array(v.number()),
  runs: v.number(),
})
export type AggregateData = v.InferOutput<typeof AggregateData>

/** A line and band for each group, in the order of the query; all share their buckets. */
export const AggregateAnswer = v.object({ groups: v.array(AggregateData), bucket: v.number() })
export type AggregateAnswer = v.InferOutput<typeof AggregateAnswer>

/** The exact values at one x, for hover and for a table of values: the last point at or before x. */
export const PointsQuery = v.object({
  series: v.pipe(v.array(v.object({ run: v.string(), metric: v.string() })), v.maxLength(2000)),
  x: v.optional(XAxis, 'step'),
  at: Finite,
})
export type PointsQuery = v.InferInput<typeof PointsQuery>

/** A point for each series, in the order of the query; null where it has none up to there. */
export const PointsAnswer = v.object({
  points: v.array(
    v.nullable(v.object({ x: v.number(), y: v.nullable(v.number()), step: v.number(), time: v.number() })),
  ),
})
export type PointsAnswer = v.InferOutput<typeof PointsAnswer>
