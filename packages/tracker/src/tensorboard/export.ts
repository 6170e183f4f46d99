/** Writes runs as TensorBoard event files: scalars, histograms, pictures, texts, and the config as a text. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunIndex } from '../index/runIndex.ts'
import { LogReader } from '../log/reader.ts'
import type { MediaRecord } from '../log/records.ts'
import { RunFold } from '../log/runFold.ts'
import { blobPath } from '../store/blobs.ts'
import { fileSize } from '../store/files.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { folderName } from '../store/paths.ts'
import type { Summary } from './event.ts'
import { EventWriter, eventFileName } from './file.ts'

/**
 * Writes one run to `folder/PROJECT/NAME-ID`.
 * @returns the folder, the number of events, and how many pictures were left out because their files are not there.
 */
export function exportTensorBoard(
  index: RunIndex,
  project: string,
  run: string,
  folder: string,
): { folder: string; events: number; missing: number } {
  index.id(project, run)
  const paths = index.paths.run(project, run)
  const fold = new RunFold()
  for (const entry of new LogReader(paths.log).read()) if (entry.kind === 'record') fold.add(entry)
  for (const entry of new LogReader(paths.edits).read())
    if (entry.kind === 'record' && entry.record.type === 'edit') fold.edit(entry.record)
  const created = fold.start?.time ?? Date.now() / 1000
  const target = join(folder, folderName(project), `${label(fold.name)}-${run}`)
  makeFolder(target, 'name another folder to export to')
  const writer = new EventWriter(join(target, eventFileName(created, run)), created)
  let events = 0
  let missing = 0
  const write = (wallTime: number, step: number, summaries: Summary[]) => {
    if (summaries.length === 0) return
    writer.write({ wallTime, step, summaries })
    events++
  }
  write(created, 0, [
    { kind: 'text', tag: 'config', text: `\`\`\`json\n${JSON.stringify(fold.config, null, 2)}\n\`\`\`` },
  ])
  for (const entry of new LogReader(paths.log).read()) {
    if (entry.kind === 'rows' || entry.kind === 'system') {
      const { rows, keys } = entry
      const summaries: Summary[][] = Array.from({ length: rows.count }, () => [])
      for (const column of rows.columns)
        for (let i = 0; i < column.values.length; i++)
          summaries[column.rows ? column.rows[i] : i].push({
            kind: 'scalar',
            tag: keys[column.key],
            value: column.values[i],
          })
      for (let i = 0; i < rows.count; i++) write(rows.times[i] / 1e6, rows.steps[i], summaries[i])
    } else if (entry.kind === 'record' && entry.record.type === 'media')
      write(
        entry.record.time,
        entry.record.step,
        mediaSummaries(entry.record, paths.blobs, () => missing++),
      )
  }
  writer.close()
  return { folder: target, events, missing }
}

/** A name as part of a folder's, which file systems bound at 255 bytes. */
function label(name: string): string {
  const whole = folderName(name)
  return whole.length <= 150 ? whole : folderName(name.slice(0, 15))
}

function mediaSummaries({ key, items }: MediaRecord, blobs: string, onMissing: () => void): Summary[] {
  return items.flatMap((item, i): Summary[] => {
    const tag = items.length === 1 ? key : `${key}/${i}`
    if (item.kind === 'histogram') return [{ kind: 'histogram', tag, edges: item.edges, counts: item.counts }]
    if (item.kind === 'text') return [{ kind: 'text', tag, text: item.text }]
    if (item.kind === 'image' && item.blob.mime !== 'image/svg+xml') {
      const file = blobPath(blobs, item.blob.sha256)
      if (fileSize(file) === null) {
        onMissing()
        return []
      }
      const encoded = readFileSync(file)
      return [{ kind: 'image', tag, width: item.width, height: item.height, encoded }]
    }
    return []
  })
}
