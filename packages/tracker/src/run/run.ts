/** A run: what `init` returns and a training program logs to. */
import { basename, resolve } from 'node:path'
import { Definitions, summaryOf } from '../log/definitions.ts'
import { MetricStats } from '../log/metricStats.ts'
import { type Json, type JsonObject, type LogRecord, type SummaryKind, toJson } from '../log/records.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { type Artifact, checkInnerPath, UsedArtifact } from './artifact.ts'
import type { Channel } from './channel.ts'
import { describe } from './describe.ts'
import { fetchArtifact, type Remote } from './fetchArtifact.ts'
import { checkLabels } from './labels.ts'
import { liveObject, type Updatable } from './liveObject.ts'
import { Flag, type Opened } from './messages.ts'
import { RowWriter } from './rowWriter.ts'
import { type RowPlace, type StepConflict, StepRule } from './stepRule.ts'
import { type Sorted, sortValues } from './values.ts'
import { warn } from './warn.ts'

/** At which step a row stands, and whether it is complete. */
export interface LogOptions {
  /** Default: the current step, which counts up with every call. */
  step?: number
  /** Whether the row is complete. Default: true without `step`, false with it (then a larger step completes it). */
  commit?: boolean
}

/** How a metric is drawn and summed up. */
export interface MetricOptions {
  /** The metric to draw it against, instead of the step. */
  stepMetric?: string
  /** Put the latest value of the step metric into rows that lack it. Default: true where there is a step metric. */
  stepSync?: boolean
  /** Whether it gets no chart of its own. Default false. */
  hidden?: boolean
  /** What the summary shows; default the last value. */
  summary?: SummaryKind | SummaryKind[]
  /** Which way is better; the page's parallel coordinates colour runs by it. Default: neither. */
  goal?: 'minimize' | 'maximize'
}

/** How the program ended. */
export interface FinishOptions {
  /** Default 0. Another one means that the run failed. */
  exitCode?: number
  /** What went wrong, kept with the run; makes the exit code 1 where it was 0. */
  error?: unknown
}

/** `onStepConflict: 'error'`, and a step below the current one. */
export class StepConflictError extends Error {
  override name = 'StepConflictError'
}

/** Values that one message names. */
const MAX_REFUSED = 10

const summaryKinds = new Set(['min', 'max', 'mean', 'last', 'first', 'none'])
const levels = new Set(['info', 'warn', 'error'])
const seconds = () => Date.now() / 1000

/** An object in which `__proto__` is a key like others. */
const withoutPrototype = (values: JsonObject): JsonObject => Object.assign(Object.create(null), values)

/**
 * A run: what a training program logs to, made by `init`. Nothing in it waits for the disk or the network except
 * `finish`, `saveFile`, `logArtifact` and `useArtifact`.
 */
export class Run<Config extends object = { [key: string]: unknown }> {
  readonly id: string
  readonly project: string
  /** The run's folder; empty in disabled mode. */
  readonly folder: string
  /** Whether it continues an earlier session. */
  readonly resumed: boolean
  /** What the run was configured with: read it, write to it, or `update` many values. */
  readonly config: Config & Updatable
  /** One value a metric, the last one unless `defineMetric` says otherwise; what you set here stands above it. */
  readonly summary: { [key: string]: Json } & Updatable
  /** Aborts when somebody asks the run to stop. */
  readonly signal: AbortSignal
  private name_: string
  private readonly channel: Channel | null
  private readonly artifactRoot: string
  private readonly remote: Remote | null
  private readonly steps: StepRule
  private readonly rows: RowWriter
  private readonly definitions = new Definitions()
  private readonly onStepConflict: StepConflict
  private readonly configValues: JsonObject
  private readonly configSent = new Map<string, string>()
  private readonly explicit: JsonObject
  private readonly abort = new AbortController()
  private readonly beforeFinish: () => void
  private finished: Promise<void> | null = null

  /** For `init`. */
  constructor(parts: {
    id: string
    project: string
    opened: Opened
    channel: Channel | null
    artifactRoot: string
    remote: Remote | null
    onStepConflict: StepConflict
    beforeFinish: () => void
  }) {
    const { opened, channel } = parts
    this.id = parts.id
    this.project = parts.project
    this.folder = opened.folder
    this.resumed = opened.resumed
    this.name_ = opened.name
    this.channel = channel
    this.artifactRoot = parts.artifactRoot
    this.remote = parts.remote
    this.onStepConflict = parts.onStepConflict
    this.beforeFinish = parts.beforeFinish
    this.signal = this.abort.signal
    if (channel) channel.onStop = () => this.abort.abort(new Error('somebody asked the run to stop'))
    this.steps = new StepRule(opened.step)
    for (const definition of opened.definitions) this.definitions.add(definition)
    this.rows = new RowWriter(this.definitions, channel?.rows ?? null, (schema, keys) =>
      channel?.post({ type: 'schema', schema, keys }),
    )
    for (const [key, saved] of opened.metrics) this.rows.restore(key, MetricStats.restore(saved))
    this.configValues = withoutPrototype(opened.config)
    for (const [key, value] of Object.entries(opened.config)) this.configSent.set(key, JSON.stringify(value))
    this.explicit = withoutPrototype(opened.explicit)
    this.config = liveObject<Config>({
      all: () => this.configValues,
      set: (values) => this.setConfig(values),
      remove: (key) => {
        delete this.configValues[key]
        this.configSent.delete(key)
        this.record({ type: 'config', set: {}, removed: [key] })
      },
    })
    this.summary = liveObject<{ [key: string]: Json }>({
      all: () => this.summaryNow(),
      set: (values) => {
        const set = toJson(values) as JsonObject
        Object.assign(this.explicit, set)
        this.record({ type: 'summary', set })
      },
      remove: (key) => {
        delete this.explicit[key]
        this.record({ type: 'summary', set: {}, removed: [key] })
      },
    })
  }

  /** What people call it; `edit` changes it. */
  get name(): string {
    return this.name_
  }

  /** The step that the next call of `log` without a step gets. */
  get step(): number {
    return this.steps.current
  }

  /** Whether somebody asked the run to stop: for loops that never let the event loop run, where {@link Run.signal} comes late. */
  get stopRequested(): boolean {
    return this.signal.aborted || (this.channel !== null && Atomics.load(this.channel.flags, Flag.stop) === 1)
  }

  /**
   * Logs values under keys: numbers make charts; `Image`, `Table`, `Histogram`, `ConfusionMatrix`, `Html`, `Plot`, `MediaFile`, lists of them and
   * texts are shown as what they are; nested objects become dotted keys. Returns at once, and never throws, whatever happens to the
   * disk or is passed in, except for a step conflict with `onStepConflict: 'error'`.
   * @example
   * ```ts
   * const run = await init({ mode: 'disabled' })
   * run.log({ 'train/loss': 0.3, 'train/accuracy': 0.9 })
   * run.log({ sample: new Image({ data: new Uint8Array(4), width: 2, height: 2 }) }, { step: 100 })
   * console.log(run.summary['train/loss']) // 0.3
   * ```
   */
  log(values: { [key: string]: unknown }, options?: LogOptions): void {
    let conflict: StepConflictError | null = null
    try {
      conflict = this.write(values, options?.step, options?.commit)
    } catch (error) {
      this.problem(`a call of log failed: ${describe(error)}`)
    }
    if (conflict) throw conflict
  }

  /** @returns the conflict of steps that is to be thrown. */
  private write(
    values: { [key: string]: unknown },
    step: number | undefined,
    commit: boolean | undefined,
  ): StepConflictError | null {
    if (this.finished) {
      warn(`run ${this.id} has finished: what is logged now is not kept`)
      return null
    }
    if (typeof values !== 'object' || values === null) {
      this.problem(`log takes an object of values by key, got ${values === null ? 'null' : typeof values}`)
      return null
    }
    if (step !== undefined && !(Number.isFinite(step) && step >= 0 && step <= Number.MAX_SAFE_INTEGER)) {
      const what = `step ${describe(step)} is no number from 0 to 2^53`
      this.problem(`${what}: the current step ${this.steps.current} was taken instead`)
      step = undefined
      commit ??= false
    }
    if (step !== undefined && step < this.steps.current) {
      const conflict = this.conflict(step)
      if (conflict !== 'kept') return conflict
    }
    const place = this.steps.place(step, commit)
    if (this.channel) this.channel.flags[Flag.step] = place.step
    if (!this.writeNumbers(values, place)) this.writeSorted(sortValues(values), place)
    const rows = this.channel?.rows
    if (rows && rows.lost > 0)
      warn(`rows are lost: the disk has been stuck for so long that memory for ${rows.lost} rows was refused`, 'lost')
    return null
  }

  /** @returns false where not every value is a number, or one cannot even be read: sorting finds out which. */
  private writeNumbers(values: { [key: string]: unknown }, { step, continues }: RowPlace): boolean {
    try {
      return this.rows.write(values, step, continues)
    } catch {
      return false
    }
  }

  private writeSorted({ scalars, media, refused }: Sorted, { step, continues }: RowPlace): void {
    this.rows.write(scalars, step, continues)
    const time = seconds()
    for (const { key, items } of media) {
      try {
        const inputs = items.map((item) => item.toInput())
        this.channel?.post({ type: 'media', step, time, key, items: inputs })
        if (inputs.length === 1 && inputs[0].kind === 'text') this.texts[key] = inputs[0].text
      } catch (error) {
        refused.push(`"${key}": ${describe(error)}`)
      }
    }
    if (refused.length === 0) return
    const more = refused.length > MAX_REFUSED ? `; and ${refused.length - MAX_REFUSED} more` : ''
    this.problem(`not logged: ${refused.slice(0, MAX_REFUSED).join('; ')}${more}`)
  }

  private readonly texts = withoutPrototype({})

  /** The step rule was broken: says so, and whether the values are kept, dropped (null), or the error to throw. */
  private conflict(step: number): 'kept' | StepConflictError | null {
    const what = `step ${step} was logged when step ${this.steps.current} had begun`
    if (this.onStepConflict === 'error')
      return new StepConflictError(`${what}. Log steps in order, or pass onStepConflict: 'append' to init`)
    if (this.onStepConflict === 'append') {
      this.problem(`${what}: the values are kept at their own step (steps out of order)`, 'append')
      return 'kept'
    }
    this.problem(`${what}: these values are not kept, by wandb's rule (onStepConflict: 'append' keeps them)`)
    return null
  }

  /**
   * Says how a metric is to be drawn and summed up, for a key or for all keys with a prefix (`val/*`).
   * @example
   * ```ts
   * const run = await init({ mode: 'disabled' })
   * run.defineMetric('val/*', { stepMetric: 'epoch', summary: 'min' })
   * for (const loss of [3, 1, 2]) run.log({ 'val/loss': loss })
   * console.log(run.summary['val/loss']) // {"min":1}
   * ```
   */
  defineMetric(name: string, options: MetricOptions = {}): void {
    if (typeof name !== 'string' || name === '')
      throw new TypeError(`defineMetric: the name of a metric is expected, got ${JSON.stringify(name)}`)
    const { stepMetric, goal } = options
    if (typeof (stepMetric ?? '') !== 'string')
      throw new TypeError(`defineMetric: stepMetric is the name of a metric, got ${JSON.stringify(stepMetric)}`)
    if (!['minimize', 'maximize'].includes(goal ?? 'minimize'))
      throw new TypeError(`defineMetric: goal is minimize or maximize, got ${JSON.stringify(goal)}`)
    const summary = [options.summary ?? []].flat()
    const unknown = summary.find((kind) => !summaryKinds.has(kind))
    if (unknown !== undefined)
      throw new TypeError(`defineMetric: summary "${unknown}" is none of ${[...summaryKinds].join(', ')}`)
    if (name.slice(0, -1).includes('*'))
      throw new TypeError(`defineMetric: "*" may stand at the end of a name only, got ${JSON.stringify(name)}`)
    const record = {
      type: 'metric' as const,
      name,
      stepMetric: stepMetric ?? null,
      stepSync: options.stepSync ?? typeof stepMetric === 'string',
      hidden: options.hidden ?? false,
      summary,
      goal: goal ?? null,
    }
    this.definitions.add(record)
    this.rows.forgetSchemas()
    this.record(record)
  }

  /** Tells a person something: it stands on the page, and in the terminal. Default level: `info`. */
  alert({
    title,
    text = '',
    level = 'info',
  }: {
    title: string
    text?: string
    level?: 'info' | 'warn' | 'error'
  }): void {
    // Called when something is amiss, perhaps after days: this is no moment to refuse a wrong type.
    title = describe(title)
    text = describe(text)
    if (!levels.has(level)) level = 'info'
    warn(`${level}: ${title}${text ? `: ${text}` : ''}`, `alert ${title} ${text}`)
    this.record({ type: 'alert', time: seconds(), step: this.steps.current, level, title, text })
  }

  /** Changes the name, tags, notes or group; a group of null is none. */
  edit(change: { name?: string; tags?: string[]; notes?: string; group?: string | null }): void {
    checkLabels('edit', change)
    const { name, tags, notes, group } = change
    this.name_ = name ?? this.name_
    this.record({
      type: 'edit',
      time: seconds(),
      name: name ?? undefined,
      tags: tags ?? undefined,
      notes: notes ?? undefined,
      group,
    })
  }

  /** Keeps the printed model for the run's page. */
  setModelSummary(text: string): void {
    this.record({ type: 'model', text: String(text) })
  }

  /**
   * Keeps a copy of a file with the run.
   * @param options.name Where it stands among the run's files, with `/` for folders; default: its name.
   */
  async saveFile(file: string, { name = basename(file) }: { name?: string } = {}): Promise<void> {
    await this.channel?.request({ type: 'file', file: resolve(file), path: checkInnerPath(name) })
  }

  /**
   * Keeps a version of an artifact; where the newest version has the same files no new one is made.
   * @returns its number; null in disabled mode.
   */
  async logArtifact(artifact: Artifact, { aliases = [] }: { aliases?: string[] } = {}): Promise<number | null> {
    if (!this.channel) return null
    const input = artifact.toInput(aliases)
    return (await this.channel.request<{ version: number }>({ type: 'artifact', artifact: input })).version
  }

  /**
   * Finds a version of an artifact, brings its files here where they are on a server, and notes that this run uses it.
   * @param reference `name`, `name:v3` or `name:alias`.
   * @throws Error that lists what there is, where it is not there.
   */
  async useArtifact(reference: string): Promise<UsedArtifact> {
    const store = new ArtifactStore(this.artifactRoot)
    const manifest = this.remote
      ? await fetchArtifact(this.remote, this.project, reference, store.blobs)
      : store.resolve(reference)
    this.record({ type: 'use-artifact', time: seconds(), name: manifest.name, digest: manifest.digest })
    return new UsedArtifact(manifest, store.blobs)
  }

  /** Ends the run and resolves when everything is written. A second call does nothing more. */
  finish({ exitCode = 0, error }: FinishOptions = {}): Promise<void> {
    this.finished ??= this.end(error === undefined ? exitCode : exitCode || 1, error)
    return this.finished
  }

  private async end(exitCode: number, error: unknown): Promise<void> {
    try {
      this.setConfig(this.configValues) // Catches nested values that were changed in place.
    } catch (thrown) {
      this.problem(`what was changed in config cannot be kept: ${describe(thrown)}`)
    }
    this.beforeFinish()
    const state = exitCode !== 0 ? 'failed' : this.stopRequested ? 'stopped' : 'finished'
    await this.channel?.finish(state, exitCode, error === undefined ? null : describe(error, { stack: true }))
  }

  /** `await using run = await init(…)` finishes at the end of the block; an exception that leaves it and ends the program makes the run fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ends = this.finished === null
    await this.finish()
    if (ends) this.channel?.disposed()
  }

  private setConfig(values: { [key: string]: unknown }): void {
    // All or nothing: what cannot be kept throws here.
    const given = Object.entries(values).map(([key, value]) => ({ key, value, json: toJson(value) }))
    const set = withoutPrototype({})
    for (const { key, value, json } of given) {
      const text = JSON.stringify(json)
      this.configValues[key] = value as Json
      if (this.configSent.get(key) === text) continue
      this.configSent.set(key, text)
      set[key] = json
    }
    if (Object.keys(set).length > 0) this.record({ type: 'config', set })
  }

  private summaryNow(): JsonObject {
    const summary = withoutPrototype(this.texts)
    for (const [key, stats] of this.rows.metrics()) {
      const value = summaryOf(stats, this.definitions.of(key))
      if (value !== undefined) summary[key] = typeof value === 'string' ? (stats.last as Json) : value
    }
    return { ...summary, ...this.explicit }
  }

  private record(record: LogRecord): void {
    if (this.finished) warn(`run ${this.id} has finished: what is set now is not kept (${record.type})`)
    try {
      this.channel?.post({ type: 'record', record })
    } catch (error) {
      warn(`a record could not be kept (${record.type}): ${describe(error)}`)
    }
  }

  private readonly problems = new Set<string>()

  /** Said to the terminal and kept with the run, once each. */
  private problem(message: string, once = message): void {
    if (this.problems.has(once) || this.problems.size >= 100) return
    this.problems.add(once)
    warn(message)
    this.record({ type: 'problem', time: seconds(), message })
  }
}
