import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { defaultDir } from '../store/paths.ts'
import type { CommandLineCheck } from '../sweep/agent/checkProgram.ts'
import { type FindHostOptions, type FoundHost, findHost } from '../sweep/agent/findHost.ts'
import { SweepConfigurationError } from '../sweep/configuration/problem.ts'
import { runSweepFile } from './sweepFile.ts'
import { sweepLines, sweepsTable } from './sweepView.ts'

/** What the commands `sweep` and `agent` work with. */
export interface SweepCommandOptions {
  /** Folder of the built page, for the server that is started where none runs. */
  readonly page?: string
  /** Says whether a sweep's command that begins with `trainyard` can be understood. */
  readonly commandLine?: CommandLineCheck
}

interface WhereOptions {
  dir?: string
  url?: string
  token?: string
  project?: string
}

/** A positive whole number, for an option. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number, at least 1, is expected.')
  return value
}

/** The options that say whose sweeps are meant. */
export const withWhere = (command: Command): Command =>
  command
    .option('--dir <folder>', 'the folder of runs and sweeps (default: $TRAINYARD_DIR or .trainyard)')
    .option('--url <address>', 'a server on another machine, such as http://host:4747')
    .option('--token <token>', 'its token (default: $TRAINYARD_TOKEN)')
    .option('--project <name>', 'the project (default: the one in the file, or `default`)')

/** Ends with the first Ctrl-C; a second one ends the process at once. */
export function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  const abort = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  const release = () => {
    process.off('SIGINT', abort)
    process.off('SIGTERM', abort)
  }
  return { signal: controller.signal, release }
}

/** Runs an action; what a person can understand is printed without a stack. */
export function acting<A extends unknown[]>(action: (...parameters: A) => Promise<void>) {
  return async (...parameters: A): Promise<void> => {
    try {
      await action(...parameters)
    } catch (error) {
      console.error(
        error instanceof SweepConfigurationError ? (error as Error).message : `error: ${(error as Error).message}`,
      )
      process.exitCode = 1
    }
  }
}

/** Finds the owner of a sweep, does something with it, and lets go. */
async function withHost(
  options: WhereOptions & Pick<FindHostOptions, 'sweep'>,
  work: (found: FoundHost) => Promise<void>,
) {
  const found = await findHost({ ...options, dir: resolve(options.dir ?? defaultDir()) })
  try {
    await work(found)
  } finally {
    found.close()
  }
}

interface RunOptions extends WhereOptions {
  agents: number
  count?: number
  resume?: string
}

async function sweepFile(file: string | undefined, options: RunOptions, own: SweepCommandOptions): Promise<void> {
  const { signal, release } = interruption()
  try {
    const { id, detail, paused } = await runSweepFile({ ...options, ...own, file, signal })
    const folder = join(options.dir ?? defaultDir(), 'sweeps', id)
    if (signal.aborted) {
      console.log(`interrupted; go on with: trainyard sweep --resume ${id}`)
      process.exitCode = 130
    }
    if (paused !== undefined)
      console.error(
        `every agent was paused: ${paused.split('\n')[0]}\n` +
          `what the trials printed is in ${folder}; go on with: trainyard sweep --resume ${id}`,
      )
    if (paused !== undefined || detail.state === 'failed') process.exitCode = 1
  } finally {
    release()
  }
}

/** The options that say whose sweeps are meant, before or behind the name of the subcommand. */
const whereOf = (command: Command) => command.optsWithGlobals<WhereOptions>()

function steering(name: 'stop' | 'pause' | 'resume' | 'cancel', description: string): Command {
  return withWhere(new Command(name).description(description).argument('<sweep>', 'its id')).action(
    acting((sweep: string, _: unknown, self: Command) =>
      withHost({ ...whereOf(self), sweep }, async ({ host }) => {
        await host.command(sweep, name)
        console.log(`sweep ${sweep}: ${(await host.detail(sweep)).state}`)
      }),
    ),
  )
}

function status(): Command {
  const command = new Command('status')
    .description('how far a sweep is; without an id, all sweeps')
    .argument('[sweep]', 'its id')
  return withWhere(command)
    .option('--json', 'everything as one JSON object')
    .action(
      acting((sweep: string | undefined, { json }: { json?: boolean }, self: Command) =>
        withHost({ ...whereOf(self), sweep }, async ({ host }) => {
          if (sweep === undefined) {
            const sweeps = await host.list(whereOf(self).project)
            if (json) console.log(JSON.stringify(sweeps))
            else for (const line of sweepsTable(sweeps, Date.now() / 1000)) console.log(line)
            if (sweeps.length === 0 && !json) console.log('no sweeps here; trainyard sweep FILE makes one')
            return
          }
          const [detail, { trials }] = await Promise.all([host.detail(sweep), host.trials(sweep)])
          if (json) console.log(JSON.stringify({ ...detail, trialList: trials }))
          else console.log(sweepLines(detail, trials, process.stdout.columns ?? 200, Date.now() / 1000).join('\n'))
          if (!json) for (const problem of detail.problems) console.log(problem)
        }),
      ),
    )
}

/**
 * `sweep FILE`: makes a sweep and runs agents for it; `sweep status|pause|resume|stop|cancel ID`.
 *
 * @example program.addCommand(sweepCommand({ page: builtPage }))
 */
export function sweepCommand(own: SweepCommandOptions = {}): Command {
  const command = new Command('sweep')
    .description('search for good parameters: run a program many times, as a sweep file says')
    .argument('[file]', 'YAML or JSON with the keys of wandb, or a TypeScript module that exports the same')
    .option('--agents <n>', 'how many trials run at once on this machine', wholeNumber, 1)
    .option('--count <n>', 'run at most so many trials now', wholeNumber)
    .option('--resume <sweep>', 'go on with a sweep that was made before')
  return withWhere(command)
    .action(acting((file: string | undefined, options: RunOptions) => sweepFile(file, options, own)))
    .addHelpText(
      'after',
      `
Examples:
  trainyard sweep sweep.yaml --agents 2         two trials at once, which share the cores
  trainyard sweep --resume 3k1x9q2a             after Ctrl-C, a kill or a stop
  trainyard sweep status                        all sweeps
  trainyard sweep stop 3k1x9q2a
  trainyard agent 3k1x9q2a --url http://gpu-box:4747 --token TOKEN    help from another machine

A program finds its parameters in its arguments, and in run.config behind init() of trainyard/tracker.`,
    )
    .addCommand(status())
    .addCommand(steering('pause', 'start no new trials'))
    .addCommand(steering('resume', 'start new trials again'))
    .addCommand(steering('stop', 'let running trials end, and start no new ones'))
    .addCommand(steering('cancel', 'end running trials now, and start no new ones'))
}
