/** Takes runs from other machines: bytes of the log by offset, and files by hash. Everything may be sent twice without harm. */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  createWriteStream,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from 'hono'
import type { RunIndex } from '../index/runIndex.ts'
import { HEADER } from '../log/frame.ts'
import { checkInnerPath } from '../run/artifact.ts'
import { type ActiveInfo, acquireActive, beat, isAlive, readActive, releaseActive } from '../store/active.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { blobPath, isSha256 } from '../store/blobs.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { checkName, type RunPaths } from '../store/paths.ts'
import type { IngestArtifact, IngestBlob, IngestState } from './api/index.ts'
import { RequestError } from './failures.ts'
import { brokenOff, readBody } from './handler.ts'

const MAX_LOG_PART = 64 << 20
const MAX_BLOB = 4 * 2 ** 30
/** Stands in the lock instead of a process: the writer is on another machine. */
const REMOTE = 0

export class Ingest {
  private readonly index: RunIndex
  private readonly held = new Map<string, ActiveInfo>()

  constructor(index: RunIndex) {
    this.index = index
  }

  private paths(project: string, run: string): RunPaths {
    return this.index.paths.run(checkName('a project', project), run)
  }

  state(project: string, run: string): IngestState {
    const { log, stop } = this.paths(project, run)
    return { length: statSync(log, { throwIfNoEntry: false })?.size ?? 0, stop: existsSync(stop) }
  }

  async log(project: string, run: string, offset: number, context: Context): Promise<IngestState> {
    const paths = this.paths(project, run)
    const bytes = await readBody(context, MAX_LOG_PART)
    this.hold(paths, project, run)
    makeFolder(paths.folder)
    const file = openSync(paths.log, existsSync(paths.log) ? 'r+' : 'w+')
    try {
      append(file, bytes, offset)
    } finally {
      closeSync(file)
    }
    if (bytes.length > 0) {
      this.index.touch(project, run)
      this.letGo(paths, project, run)
    }
    return this.state(project, run)
  }

  /** The lock and heartbeat of a run whose writer is elsewhere. @throws RunBusyError where it is here. */
  private hold(paths: RunPaths, project: string, run: string): void {
    const key = paths.active
    let info = this.held.get(key)
    if (!info) {
      const found = readActive(paths.active)
      if (found?.info?.pid === REMOTE && isAlive(found)) info = found.info
      else {
        info = acquireActive(paths.active, run, REMOTE)
        rmSync(paths.stop, { force: true })
      }
      this.held.set(key, info)
    }
    beat(paths.active, info)
    void project
  }

  private letGo(paths: RunPaths, project: string, run: string): void {
    const state = this.index.database.get('SELECT fold FROM run WHERE project = ? AND run = ?', project, run)
    const info = this.held.get(paths.active)
    if (!info || !state || (JSON.parse(String(state.fold)) as { finish: unknown }).finish === null) return
    this.held.delete(paths.active)
    releaseActive(paths.active, info)
    this.index.touch(project, run)
  }

  async blob(
    project: string,
    run: string,
    sha256: string,
    store: 'run' | 'artifacts',
    context: Context,
  ): Promise<IngestBlob> {
    if (!isSha256(sha256)) throw new RequestError(400, 'bad-request', 'a blob is named by its SHA-256 in hexadecimal')
    const runBlobs = this.paths(project, run).blobs
    const blobs = store === 'run' ? runBlobs : new ArtifactStore(this.index.paths.artifacts(project)).blobs
    const path = blobPath(blobs, sha256)
    const known = statSync(path, { throwIfNoEntry: false })
    if (known) {
      await context.req.raw.body?.cancel()
      return { sha256, size: known.size }
    }
    makeFolder(dirname(path))
    const part = join(blobs, `${randomBytes(8).toString('hex')}.part`)
    try {
      const { digest, size } = await receive(context, part)
      if (digest !== sha256)
        throw new RequestError(400, 'bad-request', `the bytes have the SHA-256 ${digest}, not ${sha256}`)
      renameSync(part, path)
      return { sha256, size }
    } finally {
      rmSync(part, { force: true })
    }
  }

  artifact(project: string, run: string, body: IngestArtifact): { version: number; digest: string; isNew: boolean } {
    this.paths(project, run)
    checkName('an artifact', body.name)
    const store = new ArtifactStore(this.index.paths.artifacts(project))
    for (const { path, blob } of body.files) {
      checkInnerPath(path)
      if (!isSha256(blob.sha256) || !existsSync(blobPath(store.blobs, blob.sha256)))
        throw new RequestError(409, 'conflict', `the file "${path}" (${blob.sha256}) was not sent before`)
    }
    const { name, kind, description, metadata, aliases, files } = body
    const entry = { name, kind, created: Date.now() / 1000, description, metadata, producer: run, files }
    const { manifest, isNew } = store.add(entry as Parameters<ArtifactStore['add']>[0], aliases)
    return { version: manifest.version, digest: manifest.digest, isNew }
  }
}

function append(file: number, bytes: Uint8Array, offset: number): void {
  const { size } = fstatSync(file)
  if (offset > size)
    throw new RequestError(
      409,
      'conflict',
      `the log has ${size} bytes, and bytes from ${offset} on were sent: go on from ${size}`,
    )
  const known = bytes.subarray(0, Math.max(0, Math.min(bytes.length, size - offset)))
  const there = new Uint8Array(known.length)
  for (let at = 0; at < there.length; ) {
    const got = readSync(file, there, at, there.length - at, offset + at)
    if (got === 0) break
    at += got
  }
  if (Buffer.compare(known, there) !== 0)
    throw new RequestError(
      409,
      'conflict',
      `the log has other bytes between ${offset} and ${offset + known.length}: this is another run`,
    )
  if (
    offset === 0 &&
    Buffer.compare(bytes.subarray(0, HEADER.length), HEADER.subarray(0, Math.min(bytes.length, HEADER.length))) !== 0
  )
    throw new RequestError(400, 'bad-request', 'this is not a run log')
  for (let at = known.length; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, offset + at)
}

async function receive(context: Context, part: string): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  const body = context.req.raw.body
  async function* counted(): AsyncGenerator<Uint8Array> {
    if (!body) return
    try {
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        size += chunk.length
        if (size > MAX_BLOB) throw new RequestError(413, 'too-large', `a file of more than ${MAX_BLOB} bytes`)
        hash.update(chunk)
        yield chunk
      }
    } catch (error) {
      throw error instanceof RequestError ? error : brokenOff(error)
    }
  }
  await pipeline(Readable.from(counted()), createWriteStream(part))
  return { digest: hash.digest('hex'), size }
}
