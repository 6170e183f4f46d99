/** Media: pictures with masks and boxes, histograms, tables, confusion matrices and the rest. */
import type {
  HistogramsQuery,
  Json,
  MediaItem,
  MediaQuery,
  MediaStepsQuery,
  Metric,
  TableQuery,
} from '@trainyard/tracker/api'
import { keep, phantom } from '../world/picture.ts'
import { random } from '../world/random.ts'
import type { WorldRun } from '../world/run.ts'

type Runs = Map<string, WorldRun>

export function mediaKinds(run: WorldRun): [string, Metric['kind']][] {
  if (run.project === 'xray-unet')
    return [
      ['val/examples', 'image'],
      ['val/confusion', 'confusion-matrix'],
      ['val/per_image', 'table'],
      ['weights/encoder', 'histogram'],
      ['weights/decoder', 'histogram'],
      ['val/precision_recall', 'plot'],
      ['notes/augmentation', 'html'],
      ['notes/split', 'text'],
    ]
  if (run.project === 'mnist') return [['test/confusion', 'confusion-matrix']]
  return []
}

const every = (key: string) =>
  key.startsWith('val/') || key.startsWith('test/') ? 60 : key.startsWith('weights/') ? 20 : 600

function steps(run: WorldRun, key: string): number[] {
  if (!mediaKinds(run).some(([known]) => known === key)) return []
  const out: number[] = []
  for (let step = 0; step < run.rows; step += every(key)) out.push(step)
  return out
}

export function queryMediaSteps(runs: Runs, query: MediaStepsQuery) {
  return {
    runs: query.runs.map((run) => ({ run, steps: runs.has(run) ? steps(runs.get(run)!, query.key) : [] })),
  }
}

const ref = (run: WorldRun, blob: { sha256: string; size: number; type: string }) => ({
  ...blob,
  url: `/api/projects/${run.project}/runs/${run.id}/blobs/${blob.sha256}`,
})

const lungs = { 0: 'background', 1: 'left lung', 2: 'right lung' }
const pictures = new Map<string, ReturnType<typeof phantom>>()

function image(run: WorldRun, step: number, index: number): MediaItem {
  const skill = Math.round(10 * (1 - Math.exp(-step / 250))) / 10
  const name = `${index} ${skill}`
  let made = pictures.get(name)
  if (!made) pictures.set(name, (made = phantom(100 + index, skill)))
  return {
    kind: 'image',
    blob: ref(run, made.image),
    width: made.size,
    height: made.size,
    caption: `case ${index + 1}, f1 ${(0.7 + 0.28 * skill - index * 0.01).toFixed(3)}`,
    masks: {
      truth: { blob: ref(run, made.truth), classes: lungs },
      prediction: { blob: ref(run, made.prediction), classes: lungs },
    },
    boxes:
      index === 0
        ? {
            prediction: {
              classes: { 1: 'nodule' },
              boxes: [
                { box: [44, 70, 66, 94], class: 1, caption: 'nodule', scores: { confidence: 0.62 + 0.3 * skill } },
              ],
            },
          }
        : {},
  }
}

function histogram(run: WorldRun, key: string, step: number) {
  const center = key.endsWith('encoder') ? 0.02 : -0.05
  const width = 0.08 + 0.25 * (1 - Math.exp(-step / 500))
  const edges = Array.from({ length: 41 }, (_, i) => -0.8 + (1.6 * i) / 40)
  const r = random(run.seed + step)
  const counts = edges.slice(1).map((edge) => {
    const z = (edge - 0.02 - center) / width
    return Math.max(0, Math.round(6000 * Math.exp(-z * z * 0.5) * (1 + 0.1 * r.gauss())))
  })
  return { edges, counts }
}

function confusion(run: WorldRun, step: number): MediaItem {
  const classes = run.project === 'mnist' ? '0123456789'.split('') : ['background', 'left lung', 'right lung']
  const r = random(run.seed + step)
  const wrong = 0.4 * Math.exp(-step / 200) + 0.02
  const counts = classes.map((_, truth) =>
    classes.map((__, predicted) =>
      Math.round((truth === predicted ? 1 - wrong : (wrong * r()) / classes.length) * 980),
    ),
  )
  return { kind: 'confusion-matrix', classes, counts }
}

function items(run: WorldRun, key: string, step: number): MediaItem[] {
  const kind = mediaKinds(run).find(([known]) => known === key)?.[1]
  switch (kind) {
    case 'image':
      return [0, 1, 2, 3].map((index) => image(run, step, index))
    case 'histogram':
      return [{ kind, ...histogram(run, key, step) }]
    case 'confusion-matrix':
      return [confusion(run, step)]
    case 'table':
      return [
        {
          kind,
          blob: ref(run, keep(Buffer.from(`table ${run.id} ${step}`), 'application/json')),
          columns: tableColumns,
          rows: 123,
        },
      ]
    case 'html':
      return [{ kind, blob: ref(run, keep(Buffer.from(page), 'text/html; charset=utf-8')) }]
    case 'text':
      return [{ kind, text: 'Split by patient: 112 train, 12 validation, 123 test.\nNo patient is on two sides.' }]
    case 'plot':
      return [{ kind, format: 'vega-lite', blob: null, spec: curve(run, step) }]
    default:
      return []
  }
}

const page = `<!doctype html><style>body{font:14px sans-serif;margin:16px}td{padding:4px 12px;border-bottom:1px solid #ddd}</style>
<h3>Augmentation</h3><table><tr><td>horizontal flip<td>p 0.5<tr><td>rotation<td>±7°<tr><td>gamma<td>0.8 – 1.25</table>`

const curve = (run: WorldRun, step: number): Json => {
  const skill = 1 - Math.exp(-(step + 60) / 300)
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Precision against recall of ${run.name}`,
    data: {
      values: Array.from({ length: 40 }, (_, i) => ({
        recall: i / 39,
        precision: 1 - (1 - skill * 0.9) * (i / 39) ** 4,
      })),
    },
    mark: { type: 'line', interpolate: 'monotone' },
    encoding: {
      x: { field: 'recall', type: 'quantitative' },
      y: { field: 'precision', type: 'quantitative', scale: { domain: [0, 1] } },
    },
  }
}

export function queryMedia(runs: Runs, query: MediaQuery) {
  return {
    entries: query.runs.flatMap((id) =>
      query.keys.flatMap((key) => {
        const run = runs.get(id)
        const step = run && steps(run, key).findLast((at) => at <= (query.step ?? Infinity))
        if (!run || step === undefined) return []
        const time = run.created + (step * run.duration) / run.rows
        return [{ run: id, key, step, time, items: items(run, key, step) }]
      }),
    ),
  }
}

export function queryHistograms(runs: Runs, query: HistogramsQuery) {
  const run = runs.get(query.run)
  const all = run ? steps(run, query.key) : []
  const stride = 2 ** Math.max(0, Math.ceil(Math.log2(all.length / (query.limit ?? 100))))
  return {
    total: all.length,
    histograms: all
      .filter((_, index) => index % stride === 0)
      .map((step) => ({ step, time: run!.created + step, ...histogram(run!, query.key, step) })),
  }
}

const tableColumns = ['case', 'f1', 'iou', 'pixels', 'note', 'overlay']

export function queryTable(run: WorldRun, query: TableQuery) {
  const r = random(run.seed)
  let rows: Json[][] = Array.from({ length: 123 }, (_, index) => {
    const f1 = Math.min(0.99, 0.9 + 0.05 * r.gauss())
    return [
      `JPCLN${String(index + 1).padStart(3, '0')}`,
      f1,
      f1 / (2 - f1),
      Math.round(r.between(9000, 16000)),
      f1 < 0.84 ? 'clavicle taken for lung' : null,
      index < 8 ? (image(run, 600, index % 4) as Json) : null,
    ]
  })
  if (query.search)
    rows = rows.filter((cells) => JSON.stringify(cells).toLowerCase().includes(query.search!.toLowerCase()))
  if (query.sort) {
    const at = tableColumns.indexOf(query.sort.column)
    const sign = query.sort.descending ? -1 : 1
    rows.sort(
      (a, b) =>
        (typeof a[at] === 'number' ? a[at] - (b[at] as number) : String(a[at]).localeCompare(String(b[at]))) * sign,
    )
  }
  const { offset = 0, limit = 100 } = query
  return { columns: tableColumns, total: rows.length, rows: rows.slice(offset, offset + limit) }
}
