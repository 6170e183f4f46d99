/** Media that was logged: images with masks and boxes, histograms, tables, confusion matrices, HTML, plots, text, files. */
import * as v from 'valibot'
import { Json, Limit, Offset, Time } from './common.ts'

/** A file of the run, addressed by its content: never changes, so the browser may keep it for ever. Served sandboxed. */
export const BlobRef = v.object({
  sha256: v.string(),
  size: v.number(),
  /** Such as `image/png`. */
  type: v.string(),
  /** Address on this server. */
  url: v.string(),
})
export type BlobRef = v.InferOutput<typeof BlobRef>

/** A class index for every pixel: an 8-bit grey PNG of the image's size, whose grey value *is* the class. */
export const MaskData = v.object({ blob: BlobRef, classes: v.record(v.string(), v.string()) })
export type MaskData = v.InferOutput<typeof MaskData>

/** A rectangle over an image. */
export const Box = v.object({
  /** Pixels: left, top, right, bottom. */
  box: v.tuple([v.number(), v.number(), v.number(), v.number()]),
  class: v.number(),
  caption: v.nullable(v.string()),
  scores: v.record(v.string(), v.number()),
})
export type Box = v.InferOutput<typeof Box>

/** An image with what lies over it. */
export const ImageItem = v.object({
  kind: v.literal('image'),
  blob: BlobRef,
  width: v.number(),
  height: v.number(),
  caption: v.nullable(v.string()),
  /** By name; by custom `truth` and `prediction`. */
  masks: v.record(v.string(), MaskData),
  boxes: v.record(v.string(), v.object({ boxes: v.array(Box), classes: v.record(v.string(), v.string()) })),
})
export type ImageItem = v.InferOutput<typeof ImageItem>

/** A distribution. */
export const HistogramItem = v.object({
  kind: v.literal('histogram'),
  /** One more than counts, ascending. */
  edges: v.array(v.number()),
  counts: v.array(v.number()),
})
export type HistogramItem = v.InferOutput<typeof HistogramItem>

/** Its rows come from the endpoint `queryTable`. */
export const TableItem = v.object({
  kind: v.literal('table'),
  blob: BlobRef,
  columns: v.array(v.string()),
  rows: v.number(),
})
export type TableItem = v.InferOutput<typeof TableItem>

/** What was taken for what. */
export const ConfusionMatrixItem = v.object({
  kind: v.literal('confusion-matrix'),
  classes: v.array(v.string()),
  /** counts[truth][prediction]. */
  counts: v.array(v.array(v.number())),
})
export type ConfusionMatrixItem = v.InferOutput<typeof ConfusionMatrixItem>

/** Somebody's HTML: show it in `<iframe sandbox src=…>` only. */
export const HtmlItem = v.object({ kind: v.literal('html'), blob: BlobRef })
export type HtmlItem = v.InferOutput<typeof HtmlItem>

/** A chart. */
export const PlotItem = v.object({
  kind: v.literal('plot'),
  /** A Vega-Lite specification, a Plot one (marks as data), or an SVG picture in `blob`. */
  format: v.picklist(['vega-lite', 'plot', 'svg']),
  spec: Json,
  blob: v.nullable(BlobRef),
})
export type PlotItem = v.InferOutput<typeof PlotItem>

/** A text. */
export const TextItem = v.object({ kind: v.literal('text'), text: v.string() })
export type TextItem = v.InferOutput<typeof TextItem>

/** A file to look at or download. */
export const FileItem = v.object({ kind: v.literal('file'), blob: BlobRef, name: v.string() })
export type FileItem = v.InferOutput<typeof FileItem>

/** Something that was logged and is no number. */
export const MediaItem = v.variant('kind', [
  ImageItem,
  HistogramItem,
  TableItem,
  ConfusionMatrixItem,
  HtmlItem,
  PlotItem,
  TextItem,
  FileItem,
])
export type MediaItem = v.InferOutput<typeof MediaItem>

/** What was logged under one key at one step: one item or a list. */
export const MediaEntry = v.object({
  run: v.string(),
  key: v.string(),
  step: v.number(),
  time: Time,
  items: v.array(MediaItem),
})
export type MediaEntry = v.InferOutput<typeof MediaEntry>

/** The steps at which runs logged a key: the stops of the slider. */
export const MediaStepsQuery = v.object({ runs: v.pipe(v.array(v.string()), v.maxLength(1000)), key: v.string() })
export type MediaStepsQuery = v.InferInput<typeof MediaStepsQuery>

/** The steps of each run, ascending. */
export const MediaSteps = v.object({ runs: v.array(v.object({ run: v.string(), steps: v.array(v.number()) })) })
export type MediaSteps = v.InferOutput<typeof MediaSteps>

/** One entry a run and key: that of the greatest step ≤ `step`, or the latest without `step`. */
export const MediaQuery = v.object({
  runs: v.pipe(v.array(v.string()), v.maxLength(1000)),
  keys: v.pipe(v.array(v.string()), v.maxLength(200)),
  step: v.optional(v.number()),
})
export type MediaQuery = v.InferInput<typeof MediaQuery>

/** The entries that there are, at most one a run and key. */
export const MediaAnswer = v.object({ entries: v.array(MediaEntry) })
export type MediaAnswer = v.InferOutput<typeof MediaAnswer>

/** Histograms over time: at most `limit` of them, picked by a rule that does not move while the run grows. */
export const HistogramsQuery = v.object({
  run: v.string(),
  key: v.string(),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2000)), 100),
})
export type HistogramsQuery = v.InferInput<typeof HistogramsQuery>

/** Histograms in the order of their steps. */
export const HistogramsAnswer = v.object({
  /** Logged in all. */
  total: v.number(),
  histograms: v.array(
    v.object({ step: v.number(), time: Time, edges: v.array(v.number()), counts: v.array(v.number()) }),
  ),
})
export type HistogramsAnswer = v.InferOutput<typeof HistogramsAnswer>

/** Which rows of a logged table are wanted. */
export const TableQuery = v.object({
  /** Of the table's blob. */
  sha256: v.string(),
  sort: v.optional(v.object({ column: v.string(), descending: v.optional(v.boolean(), false) })),
  /** Rows in which a cell contains this, whatever the case. */
  search: v.optional(v.string()),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 100),
})
export type TableQuery = v.InferInput<typeof TableQuery>

/** Rows of a logged table. */
export const TablePage = v.object({
  columns: v.array(v.string()),
  /** Rows that match. */
  total: v.number(),
  /** A cell is JSON, or a {@link MediaItem} where the table holds pictures: an object with `kind`. */
  rows: v.array(v.array(Json)),
})
export type TablePage = v.InferOutput<typeof TablePage>
