/** Gathers what a workspace shows into a report: the table, each chart drawn anew, pictures with their masks painted in. */
import type { ImageItem, MediaEntry } from '@trainyard/tracker/api'
import { blobUrl, client } from '../api/client.ts'
import { seriesKey } from '../charts/merge.ts'
import { bounds, drawable } from '../charts/range.ts'
import { axisName, axisOf, type ChartSettings, xKindOf } from '../charts/settings.ts'
import { escapeXml, lightPicture, svg } from '../charts/svg.ts'
import { moment } from '../format/time.ts'
import { normalised, scores } from '../media/confusion.ts'
import { loadMask } from '../media/decode.ts'
import { isBackground, paintMask, resized } from '../media/masks.ts'
import { pair } from '../media/overlay.ts'
import { groupLines, runLines } from '../workspace/panels/lines.ts'
import type { Panel, Section } from '../workspace/panels/sections.ts'
import { cell, columnLabel } from '../workspace/table/columns.ts'
import { rowValue } from '../workspace/table/row.ts'
import type { Workspace } from '../workspace/workspace.svelte.ts'
import type { Report, ReportBlock, ReportTable } from './html.ts'

export interface ReportChoice {
  title: string
  text: string
  sections: readonly Section[]
  withTable: boolean
}

const mostRows = 200
const mostRuns = 6
const mostImages = 8

export async function collect(
  workspace: Workspace,
  choice: ReportChoice,
  progress: (share: number) => void,
): Promise<Report> {
  const panels = choice.sections.flatMap(({ panels: own }) => own)
  let done = 0
  const sections: Report['sections'] = []
  for (const { title, panels: own } of choice.sections) {
    const blocks: ReportBlock[] = []
    for (const panel of own) {
      const made = panel.kind === 'scalar' ? await chart(workspace, panel) : await media(workspace, panel)
      if (made) blocks.push(made)
      progress(++done / panels.length)
    }
    if (blocks.length > 0) sections.push({ title, blocks })
  }
  const { where, search, groupBy, sort } = workspace.state
  const facts: [string, string][] = [['Runs', `${workspace.subjects.length} shown of ${workspace.list.total}`]]
  if (where) facts.push(['Filter', where])
  if (search) facts.push(['Search', search])
  if (groupBy.length > 0) facts.push(['Grouped by', groupBy.map(columnLabel).join(', ')])
  if (sort.length > 0)
    facts.push([
      'Sorted by',
      sort.map(({ column, descending }) => `${columnLabel(column)}${descending ? ', descending' : ''}`).join('; '),
    ])
  return {
    title: choice.title,
    project: workspace.project,
    text: choice.text,
    made: moment(Date.now() / 1000),
    address: location.href,
    facts,
    table: choice.withTable ? runsTable(workspace) : null,
    sections,
  }
}

function runsTable(workspace: Workspace): ReportTable {
  const columns = workspace.shownColumns
  if (workspace.grouped) {
    const groups = workspace.list.groups.slice(0, mostRows)
    return {
      columns: ['runs', ...columns.map(columnLabel)],
      rows: groups.map((group) => ({
        name: group.key.map(String).join(', '),
        color: workspace.shownKeys.has(group.id) ? workspace.color(group) : null,
        cells: [
          String(group.count),
          ...group.values.map((value, i) =>
            value.same !== null
              ? cell(columns[i], value.same)
              : value.mean === null
                ? ''
                : cell(columns[i], value.mean),
          ),
        ],
      })),
      more: workspace.list.groupTotal - groups.length,
    }
  }
  const rows = [...workspace.list.leading()].slice(0, mostRows)
  return {
    columns: columns.map(columnLabel),
    rows: rows.map((row) => ({
      name: row.name,
      color: workspace.shownKeys.has(row.id) ? workspace.color(row) : null,
      cells: columns.map((column) => cell(column, rowValue(row, column))),
    })),
    more: workspace.list.total - rows.length,
  }
}

async function chart(workspace: Workspace, panel: Panel): Promise<ReportBlock | null> {
  const settings: ChartSettings = { ...workspace.state.chart, ...workspace.state.panels.settings[panel.id] }
  const x = axisOf(settings.x, panel.stepMetric)
  const { subjects, project } = workspace
  const question = { x, smoothing: settings.smoothing, pixels: 800 }
  const lines = workspace.grouped
    ? groupLines(
        subjects,
        panel.metrics,
        new Map(
          (
            await Promise.all(
              panel.metrics.map(async (metric) => {
                const groups = subjects.map(({ key, runs }) => ({ key, runs }))
                const body = { ...question, pixels: 400, metric, groups, center: settings.center, band: settings.band }
                const answer = await client.call('queryAggregate', { project, body })
                return answer.groups.map((group) => [seriesKey(group.key, metric), group] as const)
              }),
            )
          ).flat(),
        ),
      )
    : runLines(
        subjects,
        panel.metrics,
        new Map(
          (
            await workspace.batcher.request({
              ...question,
              series: subjects.flatMap(({ key }) => panel.metrics.map((metric) => ({ run: key, metric }))),
            })
          ).map((series) => [seriesKey(series.run, series.metric), series]),
        ),
      )
  if (!drawable(lines, settings)) return null
  const { logX, logY, showRange } = settings
  const area = bounds(lines, {
    logX,
    logY,
    ignoreOutliers: settings.ignoreOutliers,
    withBands: showRange && settings.smoothing.kind === 'none',
    zoom: { x: null, y: null },
  })
  const wide = panel.width > 1
  const picture = {
    title: panel.title,
    lines,
    bounds: area,
    xKind: xKindOf(x),
    xLabel: axisName(x),
    logX,
    logY,
    showRange,
  }
  return {
    kind: 'svg',
    title: panel.title,
    wide,
    svg: svg({ ...picture, width: wide ? 1080 : 560, height: wide ? 380 : 300, colors: lightPicture, legend: 12 }),
  }
}

async function media(workspace: Workspace, panel: Panel): Promise<ReportBlock | null> {
  if (!['image', 'confusion-matrix', 'text'].includes(panel.kind)) return null
  const subjects = workspace.subjects.slice(0, mostRuns)
  const runs = subjects.map(({ runs: [first] }) => first).filter(Boolean)
  const { entries } = await client.call('queryMedia', {
    project: workspace.project,
    body: { runs, keys: panel.metrics },
  })
  if (entries.length === 0) return null
  const subjectOf = (entry: MediaEntry) => subjects.find((subject) => subject.runs[0] === entry.run)!
  const { title } = panel
  if (panel.kind === 'text')
    return {
      kind: 'text',
      title,
      groups: entries.map((entry) => ({
        name: subjectOf(entry).label,
        text: entry.items.map((item) => (item.kind === 'text' ? item.text : '')).join('\n'),
      })),
    }
  if (panel.kind === 'confusion-matrix')
    return {
      kind: 'html',
      title,
      html: entries.map((entry) => confusion(subjectOf(entry).label, entry)).join(''),
      wide: entries.some(({ items }) =>
        items.some((item) => item.kind === 'confusion-matrix' && item.classes.length > 6),
      ),
    }
  const groups = await Promise.all(
    entries.map(async (entry) => ({
      name: subjectOf(entry).label,
      color: subjectOf(entry).color,
      note: `step ${entry.step}`,
      images: await Promise.all(
        entry.items
          .filter((item): item is ImageItem => item.kind === 'image')
          .slice(0, mostImages)
          .map(async (item) => ({
            source: await painted(item),
            caption: item.caption ?? '',
            width: Math.min(220, Math.max(96, item.width)),
          })),
      ),
    })),
  )
  return { kind: 'images', title, groups }
}

function confusion(name: string, entry: MediaEntry): string {
  return entry.items
    .map((item) => {
      if (item.kind !== 'confusion-matrix') return ''
      const shares = normalised(item.counts, 'truth')
      const head = item.classes.map((one) => `<th scope="col">${escapeXml(one)}</th>`).join('')
      const per = scores(item.classes, item.counts)
      const rows = item.classes
        .map(
          (one, truth) =>
            `<tr><th scope="row">${escapeXml(one)}</th>${item.counts[truth].map((count, i) => `<td style="background:rgb(36 80 200 / ${(shares[truth][i] * 0.5).toFixed(3)})">${count}</td>`).join('')}<td>${per[truth].f1?.toFixed(3) ?? ''}</td></tr>`,
        )
        .join('')
      return `<table><caption>${escapeXml(name)}, step ${entry.step}</caption><thead><tr><th>true ↓ predicted →</th>${head}<th>F1</th></tr></thead><tbody>${rows}</tbody></table>`
    })
    .join('')
}

/** A picture with its masks, small enough for a file. */
async function painted(item: ImageItem): Promise<string> {
  const scale = Math.min(1, 384 / Math.max(item.width, item.height))
  const width = Math.max(1, Math.round(item.width * scale))
  const height = Math.max(1, Math.round(item.height * scale))
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  const response = await fetch(blobUrl(item.blob))
  if (!response.ok) return ''
  const bitmap = await createImageBitmap(await response.blob())
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  const both = pair(Object.keys(item.masks))
  for (const [name, { blob, classes }] of Object.entries(item.masks)) {
    const mask = resized(await loadMask(blob), width, height)
    const hidden = new Set(
      Array.from({ length: 256 }, (_, index) => index).filter(
        (index) => isBackground(index, classes[index]) || (index === 0 && classes[0] === undefined),
      ),
    )
    const pixels = context.createImageData(width, height)
    paintMask(pixels.data, mask, hidden, both?.truth === name ? 'outline' : 'fill', 0.45)
    const layer = new OffscreenCanvas(width, height)
    layer.getContext('2d')!.putImageData(pixels, 0, 0)
    context.drawImage(layer, 0, 0)
  }
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 })
  return await new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
