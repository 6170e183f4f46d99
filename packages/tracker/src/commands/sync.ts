/** `trainyard sync`: sends runs that were logged here to a server. */
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import type { RunIndex } from '../index/runIndex.ts'
import { LogReader } from '../log/reader.ts'
import type { BlobRecord, MediaRecordItem } from '../log/records.ts'
import { tableBlobs } from '../media/tableBlobs.ts'
import { Uploader } from '../run/uploader.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { blobPath } from '../store/blobs.ts'
import { CommandError, type Io } from './io.ts'
import { chooseProject, findRun, folderOf, type RunPlace, withIndex } from './openIndex.ts'

/** Makes the command `sync`. */
export function syncCommand(io: Io): Command {
  return new Command('sync')
    .description('send runs to a server; what it has already is not sent again')
    .argument('[runs...]', 'ids or names (default: all of the project)')
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('-p, --project <name>', 'the project (default: the only one)')
    .option('--url <address>', 'of the server (default: $TRAINYARD_URL)')
    .option('--token <text>', 'its token (default: $TRAINYARD_TOKEN)')
    .action(async (references: string[], options: { dir?: string; project?: string; url?: string; token?: string }) => {
      const url = options.url ?? process.env.TRAINYARD_URL
      if (!url) throw new CommandError('where to? Pass --url with the address of a server')
      const token = options.token ?? process.env.TRAINYARD_TOKEN ?? null
      await withIndex(folderOf(options.dir), async (index) => {
        const places = references.map((reference) => findRun(index, reference, options.project))
        if (references.length === 0) {
          const project = chooseProject(index, options.project)
          for (const row of index.database.all('SELECT run FROM run WHERE project = ? ORDER BY created', project))
            places.push({ project, run: String(row.run) })
        }
        for (const place of places) {
          await send(index, place, url, token)
          io.print(`sent ${place.project}/${place.run}`)
        }
      })
    })
}

async function send(index: RunIndex, { project, run }: RunPlace, url: string, token: string | null): Promise<void> {
  const paths = index.paths.run(project, run)
  const artifacts = new ArtifactStore(index.paths.artifacts(project))
  const uploader = new Uploader({
    url,
    token,
    project,
    run,
    log: paths.log,
    blobs: { run: paths.blobs, artifacts: artifacts.blobs },
    impatient: true,
  })
  const blob = ({ sha256 }: BlobRecord) => {
    if (existsSync(blobPath(paths.blobs, sha256))) uploader.blob('run', sha256)
  }
  for (const entry of new LogReader(paths.log).read()) {
    if (entry.kind !== 'record') continue
    const { record } = entry
    if (record.type === 'media')
      for (const item of record.items) for (const ref of blobsOf(item, paths.blobs)) blob(ref)
    else if (record.type === 'file') blob(record.blob)
    else if (record.type === 'artifact') {
      const { name, kind, description, metadata, aliases, files } = record
      uploader.artifact({ name, kind, description, metadata, aliases, files }).catch(() => {})
    }
  }
  if (!(await uploader.finish(600)))
    throw new CommandError(`${project}/${run} could not be sent to ${url}: ${uploader.failure}`)
}

/** Files that an item speaks of; a table's cells may hold more. */
function blobsOf(item: MediaRecordItem, blobs: string): BlobRecord[] {
  switch (item.kind) {
    case 'image':
      return [item.blob, ...Object.values(item.masks).map((mask) => mask.blob)]
    case 'table':
      return [...tableBlobs(item.blob, blobs), item.blob]
    case 'html':
    case 'file':
      return [item.blob]
    case 'plot':
      return item.blob ? [item.blob] : []
    default:
      return []
  }
}
