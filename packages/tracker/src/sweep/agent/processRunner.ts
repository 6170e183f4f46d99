import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../../store/makeFolder.ts'
import { pathsIn } from '../../store/paths.ts'
import { expandCommand } from '../configuration/command.ts'
import type { Parameters } from '../space/space.ts'
import type { RunningTrial, RunOrder, TrialOutcome, TrialRunner } from './runner.ts'

export interface ProcessRunnerOptions {
  /** The tracker's folder on this machine: runs are written there. */
  readonly dir: string
  /** The server that runs are sent to, where it is on another machine. */
  readonly url?: string
  readonly token?: string
  /** Where programs start; default: the sweep's own folder where it exists here, else the current one. */
  readonly folder?: string
  /** Seconds that a program has to end by itself before it gets SIGTERM, and after that before it gets SIGKILL. */
  readonly patience?: { readonly asked?: number; readonly terminated?: number }
}

/**
 * Keeps a program from outliving its agent: the shell's child reads a pipe that the agent holds open, and when the agent is
 * gone, however it went, ends the process group. The program itself takes the shell's place.
 */
const SUPERVISE = '(trap "" TERM INT; read -r _ <&3; kill -TERM 0; sleep 5; kill -KILL 0) & exec "$@" 3<&-'

/** Where programs start: in the folder that the sweep was made in where this machine has it, else in the current one. */
export const startFolder = (folder: string | undefined): string =>
  folder !== undefined && existsSync(folder) ? folder : process.cwd()

/**
 * Runs each trial as a process of its own: it can be killed, its memory comes back, and its work does not keep the agent's
 * heart from beating. What it prints goes to a file beside the sweeps; the end of it becomes the reason of a failure.
 */
export function processRunner(options: ProcessRunnerOptions): TrialRunner {
  return (order, sweep) => {
    const folder = join(options.dir, 'sweeps', sweep.id)
    makeFolder(folder)
    const jsonFile = join(folder, `${order.run}.json`)
    const output = join(folder, `${order.run}.out`)
    const parameters = order.parameters as Parameters
    if (sweep.command.some((part) => part.includes('args_json_file')))
      writeFileSync(jsonFile, JSON.stringify(parameters))
    const [program, ...rest] = asThisTrainyard(
      expandCommand(sweep.command, {
        program: sweep.program,
        parameters,
        environment: process.env,
        platform: process.platform,
        node: process.execPath,
        jsonFile,
      }),
    )
    if (program === undefined) return failed('the sweep says neither a program nor a command to run')

    const cwd = options.folder ?? startFolder(sweep.folder)
    const supervised = process.platform !== 'win32'
    const file = openSync(output, 'w')
    const child = spawn(
      supervised ? '/bin/sh' : program,
      supervised ? ['-c', SUPERVISE, 'sh', program, ...rest] : rest,
      {
        cwd,
        env: { ...process.env, ...environmentOf(order, sweep.id, sweep.project, options) },
        stdio: ['ignore', file, file, ...(supervised ? (['pipe'] as const) : [])],
        detached: supervised,
      },
    )
    closeSync(file)
    return watch(child, supervised, output, options.patience)
  }
}

/**
 * A command that begins with `trainyard` starts the very one whose agent runs it, which is not always on the PATH: the
 * command line names itself in the environment, as a list in JSON.
 */
function asThisTrainyard(command: string[]): string[] {
  const [program, ...rest] = command
  const self = process.env.TRAINYARD_COMMAND
  return program === 'trainyard' && self ? [...(JSON.parse(self) as string[]), ...rest] : command
}

const failed = (message: string): RunningTrial => ({
  ended: Promise.resolve({ exitCode: 127, message }),
  stop: () => {},
})

/** The variables by which a program and the run that it starts know their trial. */
function environmentOf(
  { trial, run, parameters, continues, iterations, group, agentsOnHost }: RunOrder,
  sweep: string,
  project: string,
  { dir, url, token }: ProcessRunnerOptions,
): Record<string, string> {
  const threads = Math.max(1, Math.floor(availableParallelism() / agentsOnHost))
  const continued = continues && pathsIn(dir).run(project, continues.run).folder
  return {
    TRAINYARD_SWEEP_ID: sweep,
    TRAINYARD_SWEEP_PARAMS: JSON.stringify(parameters),
    TRAINYARD_TRIAL: `${trial}`,
    TRAINYARD_RUN_ID: run,
    TRAINYARD_PROJECT: project,
    TRAINYARD_DIR: dir,
    TRAINYARD_THREADS: process.env.TRAINYARD_THREADS ?? `${threads}`,
    ...(group === undefined ? {} : { TRAINYARD_RUN_GROUP: group }),
    ...(iterations === undefined ? {} : { TRAINYARD_ITERATIONS: `${iterations}` }),
    ...(continues === undefined
      ? {}
      : { TRAINYARD_CONTINUES_RUN: continues.run, TRAINYARD_CONTINUES_FOLDER: `${continued}` }),
    ...(url === undefined ? {} : { TRAINYARD_URL: url }),
    ...(token === undefined ? {} : { TRAINYARD_TOKEN: token }),
  }
}

function watch(
  child: ReturnType<typeof spawn>,
  supervised: boolean,
  output: string,
  { asked = 5, terminated = 30 }: NonNullable<ProcessRunnerOptions['patience']> = {},
): RunningTrial {
  const timers: NodeJS.Timeout[] = []
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(supervised ? -child.pid : child.pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
  const terminate = () => {
    signal('SIGTERM')
    timers.push(setTimeout(() => signal('SIGKILL'), terminated * 1000))
  }
  let stopping: 'asked' | 'urgent' | undefined
  const ended = new Promise<TrialOutcome>((resolve) => {
    const end = (outcome: TrialOutcome) => {
      for (const timer of timers) clearTimeout(timer)
      // What is left of its process group: the supervisor, and children that the program forgot.
      if (supervised) signal('SIGKILL')
      resolve(outcome)
    }
    child.once('error', (error) => end({ exitCode: 127, message: `it could not be started: ${error.message}` }))
    child.once('exit', (code, name) => {
      if (code === 0) end({ exitCode: 0 })
      else end({ exitCode: code, message: failureText(code, name, output) })
    })
  })
  return {
    ended,
    stop(urgent) {
      if (stopping === 'urgent' || (stopping === 'asked' && !urgent)) return
      if (urgent) terminate()
      else timers.push(setTimeout(terminate, asked * 1000))
      stopping = urgent ? 'urgent' : 'asked'
    },
  }
}

function failureText(code: number | null, signal: NodeJS.Signals | null, output: string): string {
  const how = code === null ? `${signal} ended it` : `it ended with code ${code}`
  const lines = lastLines(output)
  if (lines.length === 0) return how
  // Node prints the error before its stack, Python after it.
  const named = lines.findLast((line) => /^\s*[\w.]*(Error|Exception)\b.*: /.test(line))
  const headline = (named ?? lines[lines.length - 1]).trim()
  return [`${how}: ${headline}`, ...lines.slice(-LINES)].join('\n')
}

const TAIL = 4000
const LINES = 15

/** The last lines of what a program printed, without empty ones. */
function lastLines(path: string): string[] {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      const bytes = Buffer.alloc(Math.min(size, TAIL))
      readSync(file, bytes, 0, bytes.length, size - bytes.length)
      return bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    } finally {
      closeSync(file)
    }
  } catch {
    return []
  }
}
