/**
 * Sends a run to a server while it is written: the bytes of its log by offset, its files by hash. What could not be sent stays in the local folder, and
 * `trainyard sync` sends it later; sending twice does no harm.
 */
import { openAsBlob, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { JsonObject } from '../log/records.ts'
import type { ApiFailure, Client } from '../server/api/client.ts'
import type { ArtifactFile } from '../store/artifacts.ts'
import { blobPath } from '../store/blobs.ts'

export interface UploadTarget {
  url: string
  token: string | null
  project: string
  run: string
  log: string
  blobs: { run: string; artifacts: string }
  /** Give up where the server refuses, or does not answer for some seconds; default: try until the run ends. */
  impatient?: boolean
}

export interface SentArtifact {
  name: string
  kind: string
  description: string
  metadata: JsonObject
  aliases: string[]
  files: ArtifactFile[]
}

const PART = 4 << 20
const BEAT_EVERY = 5000
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
const TIMEOUT = 60_000
/** Seconds without an answer after which one who is impatient gives up. */
const SHORT_PATIENCE = 10

/** What went wrong with a request; fetch itself says only that it failed. */
function reasonOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message
}

/** Bytes of a file that may be growing. */
async function readPart(path: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(to - from)
  const file = await open(path)
  try {
    let got = 0
    while (got < bytes.length) {
      const { bytesRead } = await file.read(bytes, got, bytes.length - got, from + got)
      if (bytesRead === 0) break
      got += bytesRead
    }
    return bytes.subarray(0, got)
  } finally {
    await file.close()
  }
}

export class Uploader {
  /** Somebody asked the run to stop. */
  onStop: () => void = () => {}
  /** Something a person should know. */
  warn: (message: string) => void = () => {}
  private readonly target: UploadTarget
  private client: Client | null = null
  private sent = 0
  private known = false
  private readonly blobs: { store: 'run' | 'artifacts'; sha256: string }[] = []
  private readonly artifacts: { artifact: SentArtifact; done: PromiseWithResolvers<number> }[] = []
  private wake: () => void = () => {}
  private closing = false
  private givenUp = false
  private lastContact = 0
  private readonly loop: Promise<void>
  /** Why the server cannot be reached; null when all is well. */
  failure: string | null = null
  private failingSince = 0

  constructor(target: UploadTarget) {
    this.target = target
    this.loop = this.work()
  }

  /** A file was stored that the log will speak of. */
  blob(store: 'run' | 'artifacts', sha256: string): void {
    this.blobs.push({ store, sha256 })
  }

  /** Sends a version of an artifact. @returns the number that the server gave it. */
  artifact(artifact: SentArtifact): Promise<number> {
    const done = Promise.withResolvers<number>()
    for (const { blob } of artifact.files) this.blob('artifacts', blob.sha256)
    this.artifacts.push({ artifact, done })
    this.notify()
    return done.promise
  }

  /** Seconds since the server stopped answering; 0 when all is well. */
  get silence(): number {
    return this.failure === null ? 0 : (performance.now() - this.failingSince) / 1000
  }

  /** There may be something to send. */
  notify(): void {
    this.wake()
  }

  /** Sends the rest. @returns whether the server has everything. */
  async finish(patience: number): Promise<boolean> {
    this.closing = true
    this.notify()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.loop, new Promise((resolve) => (timer = setTimeout(resolve, patience * 1000)))])
    clearTimeout(timer)
    this.givenUp = true
    this.notify()
    for (const { done } of this.artifacts)
      done.reject(new Error(`the server ${this.target.url} did not answer: ${this.failure}`))
    return this.isComplete
  }

  private get logSize(): number {
    return statSync(this.target.log, { throwIfNoEntry: false })?.size ?? 0
  }

  private get isComplete(): boolean {
    return this.known && this.blobs.length === 0 && this.artifacts.length === 0 && this.sent >= this.logSize
  }

  private async work(): Promise<void> {
    let pause = FIRST_PAUSE
    while (!this.givenUp && !(this.closing && this.isComplete)) {
      try {
        await this.sendAll()
        if (this.failure !== null) this.warn(`the server ${this.target.url} answers again`)
        this.failure = null
        pause = FIRST_PAUSE
        if (!this.closing) await this.sleep(FIRST_PAUSE)
      } catch (error) {
        const message = reasonOf(error as Error)
        if (this.failure === null) {
          this.failingSince = performance.now()
          this.warn(
            `the server ${this.target.url} cannot be reached (${message}); everything is kept here and sent when it can`,
          )
        }
        this.failure = message
        const { status } = error as ApiFailure
        if (this.target.impatient && (status !== undefined || this.silence > SHORT_PATIENCE)) return
        // The server has something else, or will not have this: trying again changes nothing.
        if (status === 409 || status === 400) this.known = false
        if (status === 401 || status === 403) pause = LONGEST_PAUSE
        await this.sleep(pause)
        pause = Math.min(LONGEST_PAUSE, pause * 2)
      }
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.wake = () => {
        // While the server does not answer, being woken is no reason to hurry.
        if (this.failure !== null && !this.closing) return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private async connect(): Promise<Client> {
    if (!this.client) {
      // Loaded here, so that a local run does not load it.
      const { createClient } = await import('../server/api/client.ts')
      const { url, token } = this.target
      this.client = createClient({ base: url.replace(/\/+$/, ''), ...(token ? { token } : {}) })
    }
    return this.client
  }

  private async sendAll(): Promise<void> {
    const client = await this.connect()
    const { project, run, log } = this.target
    const signal = () => AbortSignal.timeout(TIMEOUT)
    if (!this.known) {
      const { length } = await client.call('ingestState', { project, run, signal: signal() })
      this.sent = length
      this.known = true
    }
    // What the log says up to here was stored before it was written.
    const size = this.logSize
    if (this.sent > size) throw new Error(`it has ${this.sent} bytes of this run, here are ${size}: it is another run`)
    while (this.blobs.length > 0) {
      await this.sendBlob(client, this.blobs[0])
      this.blobs.shift()
    }
    while (this.artifacts.length > 0) {
      const { artifact, done } = this.artifacts[0]
      done.resolve((await client.call('ingestArtifact', { project, run, body: artifact })).version)
      this.artifacts.shift()
    }
    while (this.sent < size || performance.now() - this.lastContact > BEAT_EVERY) {
      const part = await readPart(log, this.sent, Math.min(size, this.sent + PART))
      const state = await client.call('ingestLog', {
        project,
        run,
        query: { offset: this.sent },
        body: part,
        signal: signal(),
      })
      this.lastContact = performance.now()
      this.sent = Math.max(this.sent + part.length, Math.min(state.length, size))
      if (state.stop) this.onStop()
    }
  }

  private async sendBlob(
    client: Client,
    { store, sha256 }: { store: 'run' | 'artifacts'; sha256: string },
  ): Promise<void> {
    const { project, run, blobs } = this.target
    const body = await openAsBlob(blobPath(blobs[store], sha256))
    await client.call('ingestBlob', { project, run, sha256, query: { store }, body })
  }
}
