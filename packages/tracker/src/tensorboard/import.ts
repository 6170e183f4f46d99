/** Makes runs of TensorBoard event files: every folder that holds some is one run. */
import { readdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join, relative, sep } from 'node:path'
import type { MediaRecordItem } from '../log/records.ts'
import { maxRows } from '../log/rows.ts'
import { LogWriter } from '../log/writer.ts'
import { imageSize } from '../media/imageSize.ts'
import { randomId } from '../run/name.ts'
import { RowBlock } from '../run/rowBlock.ts'
import { acquireActive, releaseActive } from '../store/active.ts'
import { putBlob } from '../store/blobs.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { imageMime } from '../store/mime.ts'
import { checkName, pathsIn } from '../store/paths.ts'
import { version } from '../version.ts'
import type { Event, Summary } from './event.ts'
import { type EventProblem, readEvents } from './file.ts'

/** There is no event file where one is expected. */
export class EventFileError extends Error {
  override name = 'EventFileError'
}

export interface ImportedRun {
  id: string
  name: string
  events: number
  scalars: number
  problems: string[]
}

/** Folders with event files, by the path below `root`. */
export function findEventFolders(root: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const add = (folder: string, file: string) => {
    const name = relative(root, folder).split(sep).join('/')
    found.set(name, [...(found.get(name) ?? []), join(folder, file)])
  }
  if (statSync(root).isFile()) return new Map([['', [root]]])
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.includes('tfevents')) add(entry.parentPath, entry.name)
  for (const files of found.values()) files.sort()
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Imports every run below a folder (or of one file) into a project.
 * @throws EventFileError where there is none.
 */
export function importTensorBoard(root: string, dir: string, project: string): ImportedRun[] {
  checkName('a project', project)
  const folders = findEventFolders(root)
  if (folders.size === 0) throw new EventFileError(`${root} holds no event file: their names hold "tfevents"`)
  return Array.from(folders, ([name, files]) => importRun(files, dir, project, name || basename(root)))
}

function importRun(files: string[], dir: string, project: string, name: string): ImportedRun {
  const id = randomId()
  const paths = pathsIn(dir).run(project, id)
  makeFolder(paths.folder)
  const active = acquireActive(paths.active, id)
  const writer = new LogWriter(paths.log)
  try {
    const importer = new Importer(writer, paths.blobs, { id, project, name })
    for (const file of files) importer.read(file)
    return importer.finish()
  } finally {
    writer.close()
    releaseActive(paths.active, active)
  }
}

class Importer {
  private readonly result: ImportedRun
  private readonly writer: LogWriter
  private readonly blobs: string
  private readonly project: string
  private readonly keys = new Map<string, number>()
  private readonly block = new RowBlock()
  private started = false
  private last = 0
  /** The row that is being filled, and its keys: PyTorch writes each scalar as an event of its own, and those of one step belong together. */
  private row = -1
  private rowStep = Number.NaN
  private readonly rowKeys = new Set<number>()

  constructor(writer: LogWriter, blobs: string, { id, project, name }: { id: string; project: string; name: string }) {
    this.writer = writer
    this.blobs = blobs
    this.project = project
    this.result = { id, name, events: 0, scalars: 0, problems: [] }
  }

  read(file: string): void {
    const problems: EventProblem[] = []
    for (const event of readEvents(file, problems)) {
      if (event.wallTime > 0 && event.wallTime < 1e11 && Number.isSafeInteger(event.step)) this.add(event)
      else problems.push({ at: -1, reason: `an event has the time ${event.wallTime} and the step ${event.step}` })
    }
    this.flush()
    for (const { at, reason } of problems.slice(0, 20)) {
      const message = `${basename(file)}${at < 0 ? '' : ` at byte ${at}`}: ${reason}`
      this.result.problems.push(message)
      this.writer.record({ type: 'problem', time: this.last, message })
    }
  }

  private add(event: Event): void {
    this.start(event.wallTime)
    this.last = Math.max(this.last, event.wallTime)
    if (event.summaries.length > 0) this.result.events++
    for (const summary of event.summaries) {
      if (summary.kind === 'scalar') {
        this.scalar(event, summary.tag, summary.value)
        continue
      }
      const item = toItem(summary, this.blobs)
      if (item)
        this.writer.record({ type: 'media', step: event.step, time: event.wallTime, key: summary.tag, items: [item] })
    }
    if (this.block.count >= Math.min(4096, maxRows(this.keys.size))) this.flush()
  }

  private scalar(event: Event, tag: string, value: number): void {
    this.result.scalars++
    let key = this.keys.get(tag)
    if (key === undefined) this.keys.set(tag, (key = this.writer.addKey(tag)))
    if (this.row < 0 || this.rowStep !== event.step || this.rowKeys.has(key)) {
      this.row = this.block.row(event.step, Math.round(event.wallTime * 1e6), false)
      this.rowStep = event.step
      this.rowKeys.clear()
    }
    this.rowKeys.add(key)
    this.block.value(key, this.row, value)
  }

  private start(time: number): void {
    if (this.started) return
    this.started = true
    const { id, name } = this.result
    this.writer.record({
      type: 'start',
      time,
      project: this.project,
      run: id,
      name,
      group: null,
      jobType: null,
      tags: ['tensorboard'],
      notes: '',
      sweep: null,
      host: hostname(),
      pid: process.pid,
      runtime: 0,
      step: 0,
      version,
    })
  }

  /** @throws Error where the disk is full. */
  private flush(): void {
    if (this.block.count > 0) this.writer.rows(this.block.take())
    this.row = -1
    this.writer.flush()
    if (this.writer.failure) throw this.writer.failure
  }

  finish(): ImportedRun {
    this.start(Date.now() / 1000)
    this.writer.record({ type: 'finish', time: this.last, state: 'finished', exitCode: 0, error: null })
    this.flush()
    return this.result
  }
}

function toItem(summary: Exclude<Summary, { kind: 'scalar' }>, blobs: string): MediaRecordItem | null {
  if (summary.kind === 'histogram') return { kind: 'histogram', edges: summary.edges, counts: summary.counts }
  if (summary.kind === 'text') return { kind: 'text', text: summary.text }
  const mime = imageMime(summary.encoded)
  const size = mime && imageSize(summary.encoded, mime)
  if (!mime || !size) return null
  const blob = putBlob(blobs, summary.encoded, mime)
  return { kind: 'image', blob, ...size, caption: null, masks: {}, boxes: {} }
}
