/** One run as the writer thread sees it: opens or resumes its log, takes what the training thread hands over, and writes it. */
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { environment } from '../capture/environment.ts'
import { gitState } from '../capture/git.ts'
import { type Sample, SystemSampler } from '../capture/system.ts'
import { checkRecord } from '../log/checkRecord.ts'
import { LogReader } from '../log/reader.ts'
import type { BlobRecord, ConsoleRecord, LogRecord } from '../log/records.ts'
import { RunFold } from '../log/runFold.ts'
import { LogWriter } from '../log/writer.ts'
import type { MediaInput } from '../media/input.ts'
import { storeMedia } from '../media/store.ts'
import { type ActiveInfo, acquireActive, beat, releaseActive } from '../store/active.ts'
import { type ArtifactFile, ArtifactStore, digestOf } from '../store/artifacts.ts'
import { putBlob, putFile } from '../store/blobs.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { mimeOf } from '../store/mime.ts'
import { type Paths, pathsIn, type RunPaths } from '../store/paths.ts'
import { type ArtifactInput, Flag, type Opened, type OpenOptions } from './messages.ts'
import { RowConsumer } from './queue.ts'
import { RowBlock } from './rowBlock.ts'
import { type SentArtifact, Uploader } from './uploader.ts'

const BEAT_EVERY = 2
const SYNC_EVERY = 10
const STOP_EVERY = 0.5
/** Lines of one frame: a program may print any number between two ticks. */
const MAX_CONSOLE_LINES = 10_000

/** Seconds that the end of a run waits for a server. */
const UPLOAD_PATIENCE = 10

const seconds = () => Date.now() / 1000
/** For what is due: the time of day may be set back or on meanwhile. */
const elapsed = () => performance.now() / 1000
const pause = (length: number) => new Promise<void>((resolve) => setTimeout(resolve, length * 1000))

export class Session {
  readonly paths: RunPaths
  /** Lines of a person's terminal, said by the training thread. */
  private readonly warn: (message: string) => void
  readonly flags: Int32Array
  readonly queue = new RowConsumer()
  private readonly all: Paths
  private readonly options: OpenOptions
  private readonly active: ActiveInfo
  private readonly writer: LogWriter
  private readonly keyNumbers = new Map<string, number>()
  private readonly schemas: Int32Array[] = []
  private readonly block = new RowBlock()
  private console: ConsoleRecord[] = []
  private readonly sampler: SystemSampler | null
  private readonly uploader: Uploader | null
  private readonly background: Promise<void>[] = []
  /** Files being copied: the end waits for them. */
  readonly copies = new Set<Promise<unknown>>()
  /** Resolves once the run is closed; null while it goes on. */
  ending: Promise<void> | null = null
  private nextBeat = 0
  private nextSync = elapsed() + SYNC_EVERY
  private nextStop = 0
  private nextSample: number
  private saidFailure = ''
  private isRemoved = false
  private finishing: (LogRecord & { type: 'finish' }) | null = null

  /**
   * Opens the run; where it cannot be opened nothing was changed.
   * @throws Error that says why.
   */
  constructor(options: OpenOptions, tell: (opened: Opened) => void, warn: (message: string) => void) {
    this.options = options
    this.warn = warn
    this.flags = new Int32Array(options.flags)
    this.all = pathsIn(options.dir)
    this.paths = this.all.run(options.project, options.id)
    const { log, folder, active, stop } = this.paths
    const exists = existsSync(log)
    if (exists && options.resume === 'never')
      throw new Error(
        `run "${options.id}" exists in project "${options.project}": pass resume: 'allow' to continue it, or another id`,
      )
    if (!exists && options.resume === 'must')
      throw new Error(
        `run "${options.id}" is not in project "${options.project}" of ${options.dir}, so it cannot be resumed`,
      )
    makeFolder(folder)
    this.active = acquireActive(active, options.id)
    try {
      rmSync(stop, { force: true })
      const reader = new LogReader(log)
      const fold = new RunFold()
      for (const entry of reader.read()) fold.add(entry)
      if (reader.unreadable !== null) throw new Error(`run "${options.id}" cannot be resumed: ${reader.unreadable}`)
      this.writer = new LogWriter(log, reader.offset, reader.keys)
      reader.keys.forEach((key, i) => {
        this.keyNumbers.set(key, i)
      })
      this.begin(fold, reader, tell)
    } catch (error) {
      releaseActive(active, this.active)
      throw error
    }
    this.uploader = options.remote ? this.startUpload(options.remote) : null
    this.sampler = options.systemInterval > 0 ? new SystemSampler(options.dir) : null
    this.nextSample = elapsed() + Math.min(0.2, options.systemInterval)
    if (options.captureEnvironment || options.captureGit) this.background.push(this.captureEnvironment())
    this.tick()
  }

  private startUpload({ url, token }: { url: string; token: string | null }): Uploader {
    const { project, id: run } = this.options
    const artifacts = new ArtifactStore(this.all.artifacts(project)).blobs
    const { log, blobs } = this.paths
    const uploader = new Uploader({ url, token, project, run, log, blobs: { run: blobs, artifacts } })
    uploader.onStop = () => Atomics.store(this.flags, Flag.stop, 1)
    uploader.warn = (message) => this.warn(message)
    return uploader
  }

  /** Tells the uploader which files a record speaks of. */
  private upload(...blobs: BlobRecord[]): void {
    for (const { sha256 } of blobs) this.uploader?.blob('run', sha256)
  }

  private begin(fold: RunFold, reader: LogReader, tell: (opened: Opened) => void): void {
    const { options, writer } = this
    const resumed = fold.start !== null
    const step = fold.lastStep === null ? 0 : fold.lastStep + 1
    writer.record({
      type: 'start',
      time: seconds(),
      project: options.project,
      run: options.id,
      name: options.name,
      group: options.group,
      jobType: options.jobType,
      tags: options.tags,
      notes: options.notes,
      sweep: options.sweep,
      host: hostname(),
      pid: process.pid,
      runtime: fold.duration(),
      step,
      version: options.version,
    })
    const lost = reader.pendingBytes + reader.damage.reduce((sum, { from, to }) => sum + to - from, 0)
    if (lost > 0)
      this.problem(
        `the log had ${lost} damaged bytes${reader.pendingBytes > 0 ? `, of which a torn tail of ${reader.pendingBytes} was cut` : ''}`,
      )
    writer.flush()
    if (writer.failure) throw writer.failure
    tell({
      resumed,
      step,
      name: resumed ? fold.name : options.name,
      tags: resumed ? fold.tags : options.tags,
      notes: resumed ? fold.notes : options.notes,
      config: fold.config,
      explicit: fold.explicit,
      definitions: fold.definitions.all(),
      metrics: Array.from(fold.metrics, ([key, stats]) => [key, stats.save()] as const),
      folder: this.paths.folder,
    })
  }

  schema(number: number, keys: string[]): void {
    this.schemas[number] = Int32Array.from(keys, (key) => this.keyNumber(key))
  }

  private keyNumber(key: string): number {
    let number = this.keyNumbers.get(key)
    if (number === undefined) this.keyNumbers.set(key, (number = this.writer.addKey(key)))
    return number
  }

  record(record: LogRecord): void {
    this.guard(() => this.write(record))
  }

  /**
   * Writes a record, unless readers would take it for damage: a program without types can pass anything.
   * @throws Error that shows it.
   */
  private write(record: LogRecord): void {
    if (!checkRecord(record)) throw new Error(`no ${record.type} is ${JSON.stringify(record).slice(0, 200)}`)
    this.writer.record(record)
  }

  consoleLine(line: ConsoleRecord): void {
    // A progress bar that rewrites its line within one tick is written once.
    if (line.replace && this.console.length > 0 && this.console.at(-1)?.stream === line.stream) {
      const { replace, ...plain } = line
      this.console[this.console.length - 1] = this.console.at(-1)?.replace ? line : plain
    } else {
      if (this.console.length === MAX_CONSOLE_LINES) this.guard(() => this.takeConsole())
      this.console.push(line)
    }
  }

  private takeConsole(): void {
    const lines = this.console
    this.console = []
    if (lines.length > 0) this.writer.console(lines)
  }

  media(step: number, time: number, key: string, inputs: MediaInput[]): void {
    this.guard(() => {
      const items = inputs.map((input) => storeMedia(this.paths.blobs, input, (blob) => this.upload(blob)))
      this.write({ type: 'media', step, time, key, items })
    }, `"${key}" at step ${step} could not be kept`)
  }

  /** Takes a copy of a file. */
  async file(file: string, path: string): Promise<BlobRecord> {
    const blob = await putFile(this.paths.blobs, file)
    this.upload(blob)
    this.writer.record({ type: 'file', time: seconds(), path, blob })
    return blob
  }

  async artifact(input: ArtifactInput): Promise<{ name: string; version: number; digest: string; isNew: boolean }> {
    const store = new ArtifactStore(this.all.artifacts(this.options.project))
    const files: ArtifactFile[] = []
    for (const { path, file } of input.files) files.push({ path, blob: await putFile(store.blobs, file) })
    for (const { path, bytes } of input.contents) files.push({ path, blob: putBlob(store.blobs, bytes, mimeOf(path)) })
    const { name, kind, description, metadata, aliases } = input
    const time = seconds()
    const entry = { name, kind, created: time, description, metadata, producer: this.options.id, files }
    const { manifest, isNew } = store.add(entry, aliases)
    const digest = digestOf(files)
    this.writer.record({ type: 'artifact', time, name, kind, description, metadata, aliases, digest, files })
    const remote = await this.sendArtifact({ name, kind, description, metadata, aliases, files })
    return { name, version: remote ?? manifest.version, digest, isNew }
  }

  /** @returns the number that the server gave it; undefined without a server, or where it does not answer: then it is sent later. */
  private async sendArtifact(artifact: SentArtifact): Promise<number | undefined> {
    const { uploader } = this
    if (!uploader) return undefined
    const sent = uploader.artifact(artifact)
    sent.catch(() => {}) // Said at the end of the run, where nobody waits for it any more.
    for (;;) {
      const version = await Promise.race([sent, pause(0.5)])
      if (version !== undefined) return version
      if (uploader.silence < UPLOAD_PATIENCE) continue
      this.warn(
        `artifact "${artifact.name}" is kept here and sent when the server answers; its version there may be another`,
      )
      return undefined
    }
  }

  finish(record: LogRecord & { type: 'finish' }): void {
    this.finishing ??= record
  }

  /** Everything that is due: rows, console, heartbeat, samples, the disk. Called some ten times a second; never throws. */
  tick(): void {
    const now = elapsed()
    if (now >= this.nextBeat) {
      this.nextBeat = now + BEAT_EVERY
      beat(this.paths.active, this.active)
      // The system writes on into a file that has no name any more, without a word.
      if (!this.isRemoved && !existsSync(this.paths.log)) {
        this.isRemoved = true
        this.warn(`somebody removed ${this.paths.log}: nothing of run ${this.options.id} is kept any more`)
      }
    }
    if (now >= this.nextStop) {
      this.nextStop = now + STOP_EVERY
      if (existsSync(this.paths.stop)) Atomics.store(this.flags, Flag.stop, 1)
    }
    if (this.sampler && now >= this.nextSample) {
      this.nextSample = now + this.options.systemInterval
      this.sample(this.sampler, seconds())
    }
    this.guard(() => {
      this.takeRows()
      this.takeConsole()
    })
    this.writer.flush()
    this.uploader?.notify()
    if (now >= this.nextSync) {
      this.nextSync = now + SYNC_EVERY
      this.writer.sync()
    }
    this.sayFailure()
  }

  private takeRows(): void {
    const { block, schemas, writer } = this
    this.queue.drain((body, from, to) => {
      for (let at = from; at < to; ) {
        const continues = body[at] < 0
        const keys = schemas[continues ? -1 - body[at] : body[at]]
        if (!keys) return at // Its message arrived after we looked: next time.
        const row = block.row(body[at + 1], Math.round(body[at + 2] * 1000), continues)
        at += 3
        for (let i = 0; i < keys.length; i++) block.value(keys[i], row, body[at + i])
        at += keys.length
        if (block.full) writer.rows(block.take())
      }
      return to
    })
    if (block.count > 0) writer.rows(block.take())
  }

  private sample(sampler: SystemSampler, now: number): void {
    const step = Atomics.load(this.flags, Flag.step)
    const write = (sample: Sample) => {
      const entries = Object.entries(sample)
      if (entries.length === 0) return
      const columns = entries.map(([key, value]) => ({
        key: this.keyNumber(key),
        rows: null,
        values: Float64Array.of(Math.fround(value)),
      }))
      const times = Float64Array.of(Math.round(now * 1e6))
      this.writer.rows({ count: 1, steps: Float64Array.of(step), times, continues: null, columns }, 'system')
    }
    this.guard(() => write(sampler.sample()))
    this.background.push(
      sampler.sampleGpus().then(
        (sample) => this.guard(() => write(sample)),
        () => {},
      ),
    )
    if (this.background.length > 100) this.background.splice(0, 50)
  }

  private async captureEnvironment(): Promise<void> {
    const { options } = this
    try {
      const record = options.captureEnvironment ? await environment(options.command, process.pid) : {}
      const git = options.captureGit ? await gitState(process.cwd()) : null
      if (git) {
        const { diff, ...state } = git
        record.git = state
        if (diff) {
          const blob = putBlob(this.paths.blobs, Buffer.from(diff), 'text/x-diff')
          this.upload(blob)
          this.record({ type: 'file', time: seconds(), path: 'diff.patch', blob })
        }
      }
      this.record({ type: 'environment', environment: record })
    } catch (error) {
      this.problem(`the environment could not be captured: ${(error as Error).message}`)
    }
  }

  private problem(message: string): void {
    this.warn(message)
    this.guard(() => this.writer.record({ type: 'problem', time: seconds(), message }))
  }

  /** Nothing that goes wrong with one record may keep the others from being written. */
  private guard(work: () => void, what = 'something could not be written'): void {
    try {
      work()
    } catch (error) {
      const message = `${what}: ${(error as Error).message}`
      this.warn(message)
      try {
        this.writer.record({ type: 'problem', time: seconds(), message: message.slice(0, 2000) })
      } catch {
        // Said to the terminal at least.
      }
    }
  }

  private sayFailure(): void {
    const { failure, dropped } = this.writer
    const message = failure
      ? `the run log cannot be written (${failure.message}); ${dropped > 0 ? `${dropped} blocks were lost, the rest is` : 'everything is'} kept in memory and tried again`
      : ''
    if (message === this.saidFailure) return
    if (message !== '') this.warn(message)
    else if (this.saidFailure !== '') this.problem('the run log could not be written for a while; now it can')
    this.saidFailure = message
  }

  /** Writes the end once everything else is written. @param patience Seconds to wait for a disk that is full. */
  async close(patience: number): Promise<void> {
    await Promise.race([Promise.all(this.background), pause(3)])
    if (this.uploader) await Promise.race([Promise.allSettled(this.copies), pause(UPLOAD_PATIENCE)])
    else await Promise.allSettled(this.copies)
    const { finishing, writer } = this
    if (this.sampler) this.nextSample = 0 // Short runs have at least this sample.
    this.tick()
    if (finishing) this.guard(() => writer.record(finishing))
    this.finishing = null
    const deadline = elapsed() + patience
    while (!writer.flush() && elapsed() < deadline) await pause(0.2)
    if (writer.failure) this.warn(`the end of the run could not be written: ${writer.failure.message}`)
    try {
      writer.close()
    } catch (error) {
      this.warn(`the run log could not be closed: ${(error as Error).message}`)
    }
    if (this.uploader && !(await this.uploader.finish(UPLOAD_PATIENCE)))
      this.warn(`not everything could be sent to ${this.options.remote?.url}: run "trainyard sync" to send the rest`)
    // Without its end on the disk the run did crash, and the lock says so once it is stale.
    if (!writer.failure) releaseActive(this.paths.active, this.active)
  }
}
