/** Console, files, artifacts, alerts. */

import type { BlobRecord } from '../../log/records.ts'
import type {
  Alerts,
  AlertsQuery,
  Artifact,
  ArtifactFiles,
  Artifacts,
  ConsolePage,
  ConsoleQuery,
  RunFiles,
} from '../../server/api/index.ts'
import { ArtifactStore, type Manifest } from '../../store/artifacts.ts'
import { NotFoundError, type RunIndex } from '../runIndex.ts'
import { blobRef } from './media.ts'
import { selectRuns } from './select.ts'

export function queryConsole(index: RunIndex, project: string, run: string, query: ConsoleQuery): ConsolePage {
  const { from = -1000, limit = 1000, search = '' } = query
  const id = index.id(project, run)
  const { database } = index
  const total = Number(database.get('SELECT count(*) AS n FROM console WHERE run_id = ?', id)?.n)
  const matches = search
    ? Number(
        database.get('SELECT count(*) AS n FROM console WHERE run_id = ? AND text_contains(text, ?)', id, search)?.n,
      )
    : total
  const first = from < 0 ? Math.max(0, matches + from) : from
  const rows = search
    ? database.all(
        'SELECT line, time, stream, text FROM console WHERE run_id = ? AND text_contains(text, ?) ORDER BY line LIMIT ? OFFSET ?',
        id,
        search,
        limit,
        first,
      )
    : database.all(
        'SELECT line, time, stream, text FROM console WHERE run_id = ? AND line >= ? ORDER BY line LIMIT ?',
        id,
        first,
        limit,
      )
  return {
    total,
    matches,
    lines: rows.map((row) => ({
      line: Number(row.line),
      time: Number(row.time),
      stream: row.stream === 'stderr' ? 'stderr' : 'stdout',
      text: String(row.text),
    })),
  }
}

export function listFiles(index: RunIndex, project: string, run: string): RunFiles {
  const rows = index.database.all(
    'SELECT path, time, blob FROM file WHERE run_id = ? ORDER BY path',
    index.id(project, run),
  )
  return {
    files: rows.map((row) => {
      const path = String(row.path)
      const blob = JSON.parse(String(row.blob)) as BlobRecord
      return { path, time: Number(row.time), blob: blobRef(project, run, blob, path.slice(path.lastIndexOf('/') + 1)) }
    }),
  }
}

function describe(index: RunIndex, project: string, store: ArtifactStore, name: string): Artifact {
  const numbers = store.versions(name)
  if (numbers.length === 0) throw new NotFoundError(`artifact "${name}" is not in project "${project}"`)
  const aliases = Object.entries(store.aliases(name))
  const uses = index.database.all(
    'SELECT u.digest, r.run FROM artifact_use u JOIN run r ON r.id = u.run_id WHERE r.project = ? AND u.name = ?',
    project,
    name,
  )
  const manifests = numbers.map((version) => store.read(name, version)).reverse()
  return {
    name,
    type: manifests[0].kind,
    versions: manifests.map((manifest: Manifest) => ({
      version: manifest.version,
      aliases: aliases.filter(([, version]) => version === manifest.version).map(([alias]) => alias),
      digest: manifest.digest,
      size: manifest.files.reduce((sum, { blob }) => sum + blob.size, 0),
      fileCount: manifest.files.length,
      created: manifest.created,
      description: manifest.description,
      metadata: manifest.metadata,
      producer: manifest.producer,
      consumers: uses.filter((row) => row.digest === manifest.digest).map((row) => String(row.run)),
    })),
  }
}

export function listArtifacts(index: RunIndex, project: string, run: string | undefined): Artifacts {
  const store = new ArtifactStore(index.paths.artifacts(project))
  const all = store
    .names()
    .sort()
    .filter((name) => store.versions(name).length > 0)
    .map((name) => describe(index, project, store, name))
  if (run === undefined) return { artifacts: all }
  const ofRun = all.map((artifact) => ({
    ...artifact,
    versions: artifact.versions.filter(({ producer, consumers }) => producer === run || consumers.includes(run)),
  }))
  return { artifacts: ofRun.filter(({ versions }) => versions.length > 0) }
}

export function getArtifact(index: RunIndex, project: string, name: string): Artifact {
  return describe(index, project, new ArtifactStore(index.paths.artifacts(project)), name)
}

export function listArtifactFiles(index: RunIndex, project: string, name: string, version: string): ArtifactFiles {
  const store = new ArtifactStore(index.paths.artifacts(project))
  let manifest: Manifest
  try {
    manifest = store.resolve(`${name}:${version}`)
  } catch (error) {
    throw new NotFoundError((error as Error).message)
  }
  const run = manifest.producer ?? '-'
  return {
    files: manifest.files.map(({ path, blob }) => ({
      path,
      blob: blobRef(project, run, blob, path.slice(path.lastIndexOf('/') + 1)),
    })),
  }
}

export function queryAlerts(index: RunIndex, project: string, { runs, offset = 0, limit = 100 }: AlertsQuery): Alerts {
  const where = selectRuns(project, { runs, archived: true })
  const from = `FROM alert a JOIN run r ON r.id = a.run_id WHERE ${where.text}`
  const total = Number(index.database.get(`SELECT count(*) AS n ${from}`, ...where.parameters)?.n)
  const rows = index.database.all(
    `SELECT r.run, a.time, a.step, a.level, a.title, a.text ${from} ORDER BY a.time DESC, a.id DESC LIMIT ? OFFSET ?`,
    ...where.parameters,
    limit,
    offset,
  )
  return {
    total,
    alerts: rows.map((row) => ({
      run: String(row.run),
      time: Number(row.time),
      step: Number(row.step),
      level: row.level as 'info' | 'warn' | 'error',
      title: String(row.title),
      text: String(row.text),
    })),
  }
}
