/** TensorBoard's `Event` message: the fields that hold scalars, histograms, images and texts, in the forms of TensorFlow 1 and 2 and PyTorch. */
import { PbfReader, PbfWriter } from 'pbf'

export type Summary =
  | { kind: 'scalar'; tag: string; value: number }
  | { kind: 'histogram'; tag: string; edges: number[]; counts: number[] }
  | { kind: 'image'; tag: string; width: number; height: number; encoded: Uint8Array }
  | { kind: 'text'; tag: string; text: string }

export interface Event {
  /** Unix time in seconds. */
  wallTime: number
  step: number
  fileVersion?: string
  summaries: Summary[]
}

const DT_FLOAT = 1
const DT_DOUBLE = 2
const DT_STRING = 7

export function encodeEvent(event: Event): Uint8Array {
  const pbf = new PbfWriter()
  pbf.writeDoubleField(1, event.wallTime)
  if (event.step !== 0) pbf.writeVarintField(2, event.step)
  if (event.fileVersion !== undefined) pbf.writeStringField(3, event.fileVersion)
  if (event.summaries.length > 0)
    pbf.writeMessage(
      5,
      (summaries, message) => {
        for (const summary of summaries) message.writeMessage(1, writeValue, summary)
      },
      event.summaries,
    )
  return pbf.finish()
}

function writeValue(summary: Summary, pbf: PbfWriter): void {
  pbf.writeStringField(1, summary.tag)
  switch (summary.kind) {
    case 'scalar':
      // Written always: the default of a proto3 field would be left out, and a value of 0 is a value.
      pbf.writeTag(2, 5)
      pbf.writeFloat(summary.value)
      break
    case 'image':
      pbf.writeMessage(
        4,
        ({ width, height, encoded }, image) => {
          image.writeVarintField(1, height)
          image.writeVarintField(2, width)
          image.writeVarintField(3, 3)
          image.writeBytesField(4, encoded)
        },
        summary,
      )
      break
    case 'histogram':
      pbf.writeMessage(5, writeHistogram, summary)
      break
    case 'text':
      pbf.writeMessage(8, writeText, summary.text)
      pbf.writeMessage(9, writePlugin, 'text')
      break
  }
}

function writeHistogram({ edges, counts }: { edges: number[]; counts: number[] }, pbf: PbfWriter): void {
  const num = counts.reduce((sum, count) => sum + count, 0)
  const middles = counts.map((_, i) => (edges[i] + edges[i + 1]) / 2)
  pbf.writeDoubleField(1, edges[0])
  pbf.writeDoubleField(2, edges[edges.length - 1])
  pbf.writeDoubleField(3, num)
  pbf.writeDoubleField(
    4,
    counts.reduce((sum, count, i) => sum + count * middles[i], 0),
  )
  pbf.writeDoubleField(
    5,
    counts.reduce((sum, count, i) => sum + count * middles[i] ** 2, 0),
  )
  pbf.writePackedDouble(6, edges.slice(1))
  pbf.writePackedDouble(7, counts)
}

function writeText(text: string, pbf: PbfWriter): void {
  pbf.writeVarintField(1, DT_STRING)
  pbf.writeMessage(2, (_, shape) => shape.writeMessage(2, (_size, dim) => dim.writeVarintField(1, 1), null), null)
  pbf.writeBytesField(8, new TextEncoder().encode(text))
}

function writePlugin(name: string, pbf: PbfWriter): void {
  pbf.writeMessage(1, (plugin, data) => data.writeStringField(1, plugin), name)
}

interface Tensor {
  type: number
  shape: number[]
  content: Uint8Array | null
  numbers: number[]
  strings: Uint8Array[]
}

interface Value {
  tag: string
  simple: number | null
  image: { width: number; height: number; encoded: Uint8Array | null } | null
  histogram: { min: number; limits: number[]; counts: number[] } | null
  tensor: Tensor | null
  plugin: string
}

/** @throws Error where the bytes are no such message. */
export function decodeEvent(bytes: Uint8Array): Event {
  const event: Event = { wallTime: 0, step: 0, summaries: [] }
  new PbfReader(bytes).readFields((tag, result, pbf) => {
    if (tag === 1) result.wallTime = pbf.readDouble()
    else if (tag === 2) result.step = pbf.readVarint(true)
    else if (tag === 3) result.fileVersion = pbf.readString()
    else if (tag === 5)
      pbf.readMessage((field, list, message) => {
        if (field !== 1) return
        const summary = toSummary(readValue(message))
        if (summary) list.push(summary)
      }, result.summaries)
  }, event)
  return event
}

function readValue(pbf: PbfReader): Value {
  const empty: Value = { tag: '', simple: null, image: null, histogram: null, tensor: null, plugin: '' }
  return pbf.readMessage((field, value, message) => {
    if (field === 1) value.tag = message.readString()
    else if (field === 2) value.simple = message.readFloat()
    else if (field === 4) value.image = readImage(message)
    else if (field === 5) value.histogram = readHistogram(message)
    else if (field === 8) value.tensor = readTensor(message)
    else if (field === 9)
      message.readMessage((metadata, result, inner) => {
        if (metadata === 1)
          inner.readMessage((plugin, target, data) => {
            if (plugin === 1) target.plugin = data.readString()
          }, result)
      }, value)
  }, empty)
}

function readImage(pbf: PbfReader): NonNullable<Value['image']> {
  return pbf.readMessage(
    (field, image, message) => {
      if (field === 1) image.height = message.readVarint()
      else if (field === 2) image.width = message.readVarint()
      else if (field === 4) image.encoded = message.readBytes().slice()
    },
    { width: 0, height: 0, encoded: null } as NonNullable<Value['image']>,
  )
}

function readHistogram(pbf: PbfReader): NonNullable<Value['histogram']> {
  return pbf.readMessage(
    (field, histogram, message) => {
      if (field === 1) histogram.min = message.readDouble()
      else if (field === 6) message.readPackedDouble(histogram.limits)
      else if (field === 7) message.readPackedDouble(histogram.counts)
    },
    { min: 0, limits: [] as number[], counts: [] as number[] },
  )
}

function readTensor(pbf: PbfReader): Tensor {
  const empty: Tensor = { type: 0, shape: [], content: null, numbers: [], strings: [] }
  return pbf.readMessage((field, tensor, message) => {
    if (field === 1) tensor.type = message.readVarint()
    else if (field === 2) message.readMessage(readShape, tensor.shape)
    else if (field === 4) tensor.content = message.readBytes().slice()
    else if (field === 5) message.readPackedFloat(tensor.numbers)
    else if (field === 6) message.readPackedDouble(tensor.numbers)
    else if (field === 8) tensor.strings.push(message.readBytes().slice())
  }, empty)
}

function readShape(field: number, shape: number[], pbf: PbfReader): void {
  if (field !== 2) return
  shape.push(
    pbf.readMessage(
      (inner, dim, message) => {
        if (inner === 1) dim.size = message.readVarint(true)
      },
      { size: 0 },
    ).size,
  )
}

function tensorNumbers({ type, content, numbers }: Tensor): number[] {
  if (!content || content.length === 0) return numbers
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  if (type === DT_FLOAT) return Array.from({ length: content.length >> 2 }, (_, i) => view.getFloat32(i * 4, true))
  if (type === DT_DOUBLE) return Array.from({ length: content.length >> 3 }, (_, i) => view.getFloat64(i * 8, true))
  return numbers
}

function toSummary(value: Value): Summary | null {
  const { tag, simple, image, histogram, tensor, plugin } = value
  if (simple !== null) return { kind: 'scalar', tag, value: simple }
  if (image?.encoded) return { kind: 'image', tag, width: image.width, height: image.height, encoded: image.encoded }
  if (histogram) {
    const { min, limits, counts } = histogram
    return histogramSummary(tag, [Math.min(min, limits[0] ?? min), ...limits], counts)
  }
  if (!tensor) return null
  if (plugin === 'text' || (plugin === '' && tensor.type === DT_STRING && tensor.strings.length > 0))
    return { kind: 'text', tag, text: tensor.strings.map((bytes) => new TextDecoder().decode(bytes)).join('\n') }
  if (plugin === 'images') {
    // Two texts with width and height come first, then the pictures.
    const [width, height, encoded] = tensor.strings
    const size = (bytes: Uint8Array) => Number(new TextDecoder().decode(bytes))
    return encoded ? { kind: 'image', tag, width: size(width), height: size(height), encoded } : null
  }
  const numbers = tensorNumbers(tensor)
  if (plugin === 'histograms') {
    const rows = Math.floor(numbers.length / 3)
    if (rows === 0) return null
    const edges = Array.from({ length: rows }, (_, i) => numbers[i * 3])
    edges.push(numbers[(rows - 1) * 3 + 1])
    return histogramSummary(
      tag,
      edges,
      Array.from({ length: rows }, (_, i) => numbers[i * 3 + 2]),
    )
  }
  return numbers.length === 1 ? { kind: 'scalar', tag, value: numbers[0] } : null
}

/** Only what is a histogram: finite ascending edges (the outermost of TensorFlow 1 are ±1.8e308, which are cut to their neighbours). */
function histogramSummary(tag: string, edges: number[], counts: number[]): Summary | null {
  if (edges.length !== counts.length + 1 || counts.length === 0) return null
  while (counts.length > 1 && counts[counts.length - 1] === 0) {
    counts = counts.slice(0, -1)
    edges = edges.slice(0, -1)
  }
  if (edges.some((edge, i) => !Number.isFinite(edge) || Math.abs(edge) > 1e300 || (i > 0 && edge < edges[i - 1])))
    return null
  return { kind: 'histogram', tag, edges, counts }
}
