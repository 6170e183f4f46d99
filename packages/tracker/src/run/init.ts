/** Starts a run. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { captureConsole } from '../capture/console.ts'
import { readLog } from '../log/reader.ts'
import { toJson } from '../log/records.ts'
import { writeWhole } from '../store/blobs.ts'
import { makeFolder } from '../store/makeFolder.ts'
import { checkName, checkRunId, defaultDir, type Paths, pathsIn } from '../store/paths.ts'
import { version } from '../version.ts'
import { Channel } from './channel.ts'
import { describe } from './describe.ts'
import { checkLabels } from './labels.ts'
import type { Opened } from './messages.ts'
import { randomId, randomName } from './name.ts'
import { Run } from './run.ts'
import type { StepConflict } from './stepRule.ts'
import { warn } from './warn.ts'

/** What a run is called, what it is configured with, and where it is kept. All of it may be left out. */
export interface InitOptions<Config extends object = { [key: string]: unknown }> {
  /** Default: `$TRAINYARD_PROJECT`, else `default`. A trial goes to the project of its sweep. */
  project?: string
  /** Default: `$TRAINYARD_RUN_ID`, else random. */
  id?: string
  /** Default: made of two words and a number. */
  name?: string
  /** Runs that belong together, such as the folds of a cross-validation. */
  group?: string
  /** What it does: `train`, `evaluate`, … */
  jobType?: string
  /** Words to find it by. */
  tags?: string[]
  /** A text for people. */
  notes?: string
  /** Hyperparameters and whatever else the run depends on, as JSON. In a sweep, its parameters are added. */
  config?: Config
  /**
   * What to do with an `id` that exists. Default: it is an error. `allow` (or true): continue it; `must`: it has to exist; `auto`: continue the
   * last run of this very command that did not finish.
   */
  resume?: boolean | 'allow' | 'must' | 'never' | 'auto'
  /** Where everything is kept. Default: `$TRAINYARD_DIR`, else `.trainyard` in the current folder. */
  dir?: string
  /** `local` writes to `dir`, `remote` also sends to a server, `disabled` does nothing. Default: `$TRAINYARD_MODE`, else local, or remote where there is a url. */
  mode?: 'local' | 'remote' | 'disabled'
  /** Of a server, for remote mode. Default `$TRAINYARD_URL`. */
  url?: string
  /** Default `$TRAINYARD_TOKEN`. */
  token?: string
  /** What is captured beside what is logged; each is on by default. `system` may be seconds between samples (default 10). */
  capture?: { console?: boolean; git?: boolean; environment?: boolean; system?: boolean | number } | false
  /**
   * A step below the current one: `append` (default) keeps the values at that step and says so once, `warn` drops them with a warning as wandb
   * does, `error` throws.
   */
  onStepConflict?: StepConflict
}

const modes = new Set(['local', 'remote', 'disabled'])
const conflicts = new Set(['append', 'warn', 'error'])

/**
 * Starts a run, or continues one.
 * @returns the run, once its log is open.
 * @throws NameError for a bad project name or id, RunRefusedError where the run exists (or, with `resume: 'must'`, does not), or another process
 * writes it.
 * @example
 * ```ts
 * const run = await init({ project: 'xor', config: { lr: 0.1 } })
 * for (let epoch = 0; epoch < 3; epoch++) run.log({ loss: run.config.lr / (epoch + 1) })
 * console.log(run.step) // 3
 * await run.finish()
 * ```
 */
export async function init<Config extends object = { [key: string]: unknown }>(
  options: InitOptions<Config> = {},
): Promise<Run<Config>> {
  const url = options.url ?? fromEnv('TRAINYARD_URL') ?? null
  const mode = options.mode ?? fromEnv('TRAINYARD_MODE') ?? (url ? 'remote' : 'local')
  const onStepConflict = options.onStepConflict ?? 'append'
  checkOneOf('mode', mode, modes)
  checkOneOf('onStepConflict', onStepConflict, conflicts)
  checkLabels('init', options)
  if (mode === 'remote') checkUrl(url)
  const place = placeOf(options)
  const project = checkName('a project', place.project ?? 'default')
  const dir = resolve(place.dir ?? defaultDir())
  const paths = pathsIn(dir)
  const { id, resume, remembered } = chooseId(options, paths, project)
  const name = options.name ?? randomName()
  const capture = captureOptions(options.capture)
  const config = { ...checkConfig(options.config ?? {}), ...sweepParameters() }
  const remote = mode === 'remote' && url ? { url, token: options.token ?? fromEnv('TRAINYARD_TOKEN') ?? null } : null
  const artifactRoot = paths.artifacts(project)
  const common = { id, project, artifactRoot, remote, onStepConflict }

  if (mode === 'disabled') {
    const opened: Opened = { ...nothing, name }
    const run = new Run<Config>({ ...common, opened, channel: null, beforeFinish: () => {} })
    run.config.update(config)
    return run
  }
  const { channel, opened } = await Channel.open({
    dir,
    project,
    id,
    name,
    group: options.group ?? fromEnv('TRAINYARD_RUN_GROUP') ?? null,
    jobType: options.jobType ?? null,
    tags: options.tags ?? [],
    notes: options.notes ?? '',
    sweep: fromEnv('TRAINYARD_SWEEP_ID') ?? null,
    resume,
    command: commandLine(),
    version,
    systemInterval: capture.system,
    captureGit: capture.git,
    captureEnvironment: capture.environment,
    remote,
  })
  const release = capture.console ? captureConsole((line) => channel.post({ type: 'console', line })) : () => {}
  if (remembered) {
    makeFolder(paths.project(project))
    writeWhole(remembered, id)
  }
  const run = new Run<Config>({ ...common, opened, channel, beforeFinish: release })
  run.config.update(config)
  if (opened.resumed) run.edit(givenFields(options))
  return run
}

/**
 * In which folder and project the run is kept. The run of a trial is looked for where its sweep is, whatever the program
 * says, as in wandb; a further run, with an id of its own, stays where the program puts it.
 */
function placeOf({ id, dir, project }: InitOptions<object>): { dir?: string; project?: string } {
  const own = fromEnv('TRAINYARD_PROJECT')
  if (!fromEnv('TRAINYARD_SWEEP_ID') || id !== undefined) return { dir, project: project ?? own }
  if (project !== undefined && own && project !== own)
    warn(`this run is a trial: it goes to the project "${own}" of its sweep, not to "${project}"`)
  return { dir: fromEnv('TRAINYARD_DIR') ?? dir, project: own ?? project }
}

/** An environment variable; one that is set to nothing is none, as in shell scripts. */
const fromEnv = (name: string): string | undefined => process.env[name] || undefined

function checkOneOf(option: string, value: unknown, allowed: ReadonlySet<unknown>): void {
  if (!allowed.has(value))
    throw new TypeError(`init: ${option} is one of ${[...allowed].join(', ')}, got ${JSON.stringify(value)}`)
}

function checkUrl(url: string | null): void {
  const protocol = URL.parse(url ?? '')?.protocol
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(
      `init: remote mode needs the url of a server, such as http://127.0.0.1:4747, got ${JSON.stringify(url)}`,
    )
}

/** Before anything is made: a config that cannot be kept would leave a run behind. */
function checkConfig<Config extends object>(config: Config): Config {
  if (typeof config !== 'object' || Array.isArray(config))
    throw new TypeError(`init: config is an object of values by name, got ${JSON.stringify(config)}`)
  try {
    toJson(config)
  } catch (error) {
    throw new TypeError(`init: config cannot be kept: ${describe(error)}`, { cause: error })
  }
  return config
}

const nothing = {
  resumed: false,
  step: 0,
  tags: [],
  notes: '',
  config: {},
  explicit: {},
  definitions: [],
  metrics: [],
  folder: '',
}

function chooseId(
  options: InitOptions<object>,
  paths: Paths,
  project: string,
): { id: string; resume: 'never' | 'allow' | 'must'; remembered: string | null } {
  const given = options.id ?? fromEnv('TRAINYARD_RUN_ID')
  const wanted = options.resume ?? fromEnv('TRAINYARD_RESUME') ?? 'never'
  if (wanted !== 'auto') {
    const resume = wanted === true ? 'allow' : wanted === false ? 'never' : wanted
    if (resume !== 'never' && resume !== 'allow' && resume !== 'must')
      throw new TypeError(`init: resume is true, 'allow', 'must', 'never' or 'auto', got ${JSON.stringify(wanted)}`)
    if (resume === 'must' && given === undefined) throw new TypeError("init: resume: 'must' needs the id of the run")
    return { id: checkRunId(given ?? randomId()), resume, remembered: null }
  }
  const command = createHash('sha256')
    .update(`${process.cwd()}\0${process.argv.slice(1).join('\0')}`)
    .digest('hex')
  const remembered = join(paths.project(project), `resume-${command.slice(0, 16)}`)
  const last = existsSync(remembered) ? readFileSync(remembered, 'utf8') : undefined
  const unfinished = last !== undefined && !hasFinished(paths.run(project, last).log) ? last : undefined
  return { id: checkRunId(given ?? unfinished ?? randomId()), resume: 'allow', remembered }
}

/** Whether a run ended by itself and well. */
function hasFinished(log: string): boolean {
  let state: string | null = null
  for (const entry of readLog(log)) {
    if (entry.kind !== 'record') continue
    if (entry.record.type === 'finish') state = entry.record.state
    else if (entry.record.type === 'start') state = null
  }
  return state === 'finished'
}

function captureOptions(capture: InitOptions['capture'] = {}) {
  if (capture === false) return { console: false, git: false, environment: false, system: 0 }
  const { console = true, git = true, environment = true, system = true } = capture
  const interval = system === true ? 10 : system === false ? 0 : system
  if (!(interval >= 0)) throw new TypeError(`init: capture.system is true, false or seconds, got ${interval}`)
  return { console, git, environment, system: interval }
}

/** What a sweep chose stands above the program's own config. */
function sweepParameters(): object {
  const text = process.env.TRAINYARD_SWEEP_PARAMS
  if (!text) return {}
  try {
    return JSON.parse(text) as object
  } catch {
    throw new TypeError(`init: TRAINYARD_SWEEP_PARAMS is no JSON: ${text.slice(0, 200)}`)
  }
}

const commandLine = () => [process.execPath, ...process.execArgv, ...process.argv.slice(1)].join(' ')

function givenFields({ name, tags, notes, group }: InitOptions<object>) {
  return {
    ...(name == null ? {} : { name }),
    ...(tags == null ? {} : { tags }),
    ...(notes == null ? {} : { notes }),
    ...(group == null ? {} : { group }),
  }
}
