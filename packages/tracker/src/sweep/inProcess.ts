import { resolve } from 'node:path'
import { defaultDir } from '../store/paths.ts'
import type { RunningTrial, RunOrder, TrialOutcome } from './agent/runner.ts'
import type { SweepConfiguration } from './configuration/types.ts'

type Written<V> = V extends readonly (infer Item)[]
  ? Written<Item>[]
  : V extends object
    ? { -readonly [K in keyof V]: Written<V[K]> }
    : V

/** The type of one parameter's values, read off its configuration. */
export type ParameterValue<P> = P extends { readonly parameters: infer Nested }
  ? ParametersOf<Nested>
  : P extends { readonly values: readonly (infer V)[] }
    ? Written<V>
    : P extends { readonly value: infer V }
      ? Written<V>
      : number

/** The type of a trial's parameters, read off the configuration of the sweep. */
export type ParametersOf<P> = { [Name in keyof P]: ParameterValue<P[Name]> }

/** What a training function knows of its trial beside its parameters. */
export interface SweepTrial {
  /** Counts from 0 within the sweep. */
  readonly number: number
  /** The id that `init()` gives the run, in this function. */
  readonly run: string
  /** Aborts when the trial is to stop. */
  readonly signal: AbortSignal
  /** After how many values of the metric it is to end, where the sweep says so. */
  readonly iterations?: number
  /** The trial from whose checkpoint it is to go on, and that trial's run. */
  readonly continues?: { readonly trial: number; readonly run: string }
}

/** Where a sweep is kept, and how much of it is run here. */
export interface SweepOptions {
  /** The tracker's folder. Default: `$TRAINYARD_DIR`, else `.trainyard`. */
  readonly dir?: string
  /** Default: the configuration's, else `$TRAINYARD_PROJECT`, else `default`. */
  readonly project?: string
  /** A server; default: the folder's own, if it runs, else this process keeps the sweep itself. */
  readonly url?: string
  /** Of that server. Default `$TRAINYARD_TOKEN`. */
  readonly token?: string
  /** Goes on with this sweep instead of making a new one. */
  readonly resume?: string
  /** The most trials to run in this call. */
  readonly count?: number
  /** Ends it: the trial that runs is given back, and `resume` goes on later. */
  readonly signal?: AbortSignal
  /** Called after every trial that has ended. */
  readonly onTrial?: (trial: FinishedTrial) => void
}

/** A trial that is over. */
export interface FinishedTrial {
  readonly number: number
  readonly run: string
  /** `finished`, `pruned` (stopped early), `failed`, `crashed` or `stopped`. */
  readonly state: string
  readonly parameters: { readonly [name: string]: unknown }
  /** The best value of the metric that it had. */
  readonly value: number | null
  /** Why it ended, where that was not by itself. */
  readonly reason: string | null
}

/** What a sweep has come to. */
export interface SweepResult {
  readonly id: string
  readonly project: string
  /** `finished`; `failed` where no trial finished; `running`, `paused` or `stopped` where some are left to do. */
  readonly state: string
  readonly trials: readonly FinishedTrial[]
  /** The trial with the best value of the metric, where one has any. */
  readonly best?: FinishedTrial
  /** What a person should know. */
  readonly problems: readonly string[]
}

/**
 * Runs a sweep with a function of this program, one trial after the other. In the function `init()` makes the trial's run:
 * its id, project and config are set by the sweep, and what it logs under the metric's name counts. A number that the
 * function returns counts as the metric too. One that throws makes the trial a failed one.
 *
 * All that happens is kept, as with agents: a program that was killed goes on with `resume`.
 *
 * @throws SweepConfigurationError with everything that is wrong with the configuration.
 * @example
 * const { best } = await sweep(
 *   {
 *     method: 'bayes',
 *     metric: { name: 'loss' },
 *     parameters: { lr: { distribution: 'log_uniform_values', min: 1e-4, max: 0.1 }, optimizer: { values: ['adam', 'sgd'] } },
 *     run_cap: 20,
 *   },
 *   async ({ lr, optimizer }) => {
 *     const run = await init()
 *     const loss = await train(lr, optimizer, run)
 *     await run.finish()
 *     return loss
 *   },
 * )
 */
export async function sweep<const C extends SweepConfiguration>(
  configuration: C,
  train: (parameters: ParametersOf<C['parameters']>, trial: SweepTrial) => unknown,
  options?: SweepOptions,
): Promise<SweepResult>
/**
 * The same for a sweep file: YAML, JSON, or a module that exports the configuration.
 *
 * @example await sweep<{ lr: number }>('sweep.yaml', ({ lr }) => train(lr))
 */
export async function sweep<P extends object = { [name: string]: unknown }>(
  file: string,
  train: (parameters: P, trial: SweepTrial) => unknown,
  options?: SweepOptions,
): Promise<SweepResult>
export async function sweep(
  given: SweepConfiguration | string,
  train: (parameters: never, trial: SweepTrial) => unknown,
  options: SweepOptions = {},
): Promise<SweepResult> {
  // Loaded only here: a program that trains and logs needs none of it.
  const [{ runAgent }, { findHost }, { thisMachine }, { readSweep }, { loadSweepFile }] = await Promise.all([
    import('./agent/agent.ts'),
    import('./agent/findHost.ts'),
    import('./agent/host.ts'),
    import('./configuration/read.ts'),
    import('./configuration/loadFile.ts'),
  ])
  const file = typeof given === 'string' ? given : 'sweep'
  const { sweep: configured, text } =
    typeof given === 'string' ? await loadSweepFile(given) : { sweep: readSweep(given), text: JSON.stringify(given) }
  const dir = resolve(options.dir ?? defaultDir())
  const { url, token, resume, count, signal, onTrial } = options
  const project = options.project ?? configured.project ?? process.env.TRAINYARD_PROJECT
  const found = await findHost({
    dir,
    url,
    token,
    project: resume === undefined ? project : options.project,
    sweep: resume,
  })
  try {
    const { host } = found
    if (resume !== undefined) await host.command(resume, 'resume')
    const id = resume ?? (await host.create({ configuration: text, file })).id
    const trials = async () => (await host.trials(id)).trials.map(finished)
    await runAgent({
      host,
      sweep: id,
      signal,
      budget: { left: count ?? Number.POSITIVE_INFINITY },
      // The function may keep this thread busy, and with it the agent's heart, for long.
      as: { ...thisMachine(), lease: 3600 },
      run: (order) =>
        callFunction(
          order,
          { TRAINYARD_DIR: dir, TRAINYARD_PROJECT: found.project, TRAINYARD_SWEEP_ID: id, ...sending(found.sendTo) },
          train as never,
        ),
      onEvent: ({ type, ...event }) => {
        if (type !== 'settled' || !onTrial || !('order' in event)) return
        void trials().then(
          (all) => {
            const trial = all[event.order.trial]
            if (trial.state !== 'pending') onTrial(trial)
          },
          () => {},
        )
      },
    })
    const detail = await host.detail(id)
    const all = await trials()
    const best = all.find(({ number }) => number === detail.best?.trial)
    return { id, project: found.project, state: detail.state, trials: all, best, problems: detail.problems }
  } finally {
    found.close()
  }
}

const sending = (server: { url: string; token?: string } | undefined): Record<string, string> =>
  server ? { TRAINYARD_URL: server.url, ...(server.token === undefined ? {} : { TRAINYARD_TOKEN: server.token }) } : {}

const finished = (trial: {
  id: number
  run: string | null
  state: string
  params: { [name: string]: unknown }
  value: number | null
  reason: string | null
}): FinishedTrial => ({
  number: trial.id,
  run: trial.run ?? '',
  state: trial.state,
  parameters: trial.params,
  value: trial.value,
  reason: trial.reason,
})

/** A trial that is a call: `init()` in it finds the trial in the environment, as it would in a process of its own. */
function callFunction(
  order: RunOrder,
  environment: Record<string, string>,
  train: (parameters: unknown, trial: SweepTrial) => unknown,
): RunningTrial {
  const controller = new AbortController()
  const { trial: number, run, parameters, iterations, continues, group } = order
  const variables: Record<string, string> = {
    ...environment,
    TRAINYARD_RUN_ID: run,
    TRAINYARD_TRIAL: `${number}`,
    TRAINYARD_SWEEP_PARAMS: JSON.stringify(parameters),
    ...(group === undefined ? {} : { TRAINYARD_RUN_GROUP: group }),
  }
  const call = async (): Promise<TrialOutcome> => {
    const before = Object.fromEntries(Object.keys(variables).map((key) => [key, process.env[key]]))
    Object.assign(process.env, variables)
    try {
      const value = await train(parameters, { number, run, signal: controller.signal, iterations, continues })
      return { exitCode: 0, ...(typeof value === 'number' && Number.isFinite(value) ? { value } : {}) }
    } catch (error) {
      return {
        exitCode: 1,
        message: String((error as Error)?.stack ?? error)
          .split('\n')
          .slice(0, 6)
          .join('\n'),
      }
    } finally {
      for (const [key, value] of Object.entries(before))
        if (value === undefined) delete process.env[key]
        else process.env[key] = value
    }
  }
  return { ended: call(), stop: () => controller.abort(new Error('the trial is to stop')) }
}
