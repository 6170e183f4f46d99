/**
 * The tracker's part of the `trainyard` command line (`@trainyard/tracker/commands`): sub-commands for commander, which the `trainyard` program puts
 * together with the others.
 */
import type { Command } from 'commander'
import { agentCommand } from './agent.ts'
import { indexCommand } from './indexCommand.ts'
import { type Io, terminal } from './io.ts'
import { runsCommand } from './runs.ts'
import { type SweepCommandOptions, sweepCommand } from './sweep.ts'
import { syncCommand } from './sync.ts'
import { exportCommand, importCommand } from './tensorboard.ts'
import { uiCommand } from './ui.ts'

export type { CommandLineCheck, WrongWord } from '../sweep/agent/checkProgram.ts'
export { agentCommand } from './agent.ts'
export { indexCommand } from './indexCommand.ts'
export { CommandError, type Io, terminal } from './io.ts'
export { runsCommand } from './runs.ts'
export { interruption, type SweepCommandOptions, sweepCommand } from './sweep.ts'
export { type RanSweep, type RanTrial, runSweepFile, type SweepFileOptions } from './sweepFile.ts'
export { syncCommand } from './sync.ts'
export { exportCommand, importCommand } from './tensorboard.ts'
export { uiCommand } from './ui.ts'

/** What the commands work with: the page, a terminal, and who knows the words of `trainyard`. */
export interface TrackerCommandsOptions {
  /** Folder of the built page, such as that of `@trainyard/ui`. Default: only the API is served. */
  page?: string | null
  /** Where results and notes go. Default: standard output and standard error. */
  io?: Io
  /** Says whether a sweep's command that begins with `trainyard` can be understood. Default: none is looked at. */
  commandLine?: SweepCommandOptions['commandLine']
}

/**
 * All of the tracker's commands. Where one cannot be carried out it throws: CommandError and the errors of the tracker have messages made for people.
 * @example
 * ```ts
 * console.log(trackerCommands().map((command) => command.name()).join(' ')) // 'ui runs index export import sync sweep agent'
 * ```
 */
export function trackerCommands({ page = null, io = terminal, commandLine }: TrackerCommandsOptions = {}): Command[] {
  return [
    uiCommand({ io, page }),
    runsCommand(io),
    indexCommand(io),
    exportCommand(io),
    importCommand(io),
    syncCommand(io),
    sweepCommand({ ...(page === null ? {} : { page }), commandLine }),
    agentCommand({ commandLine }),
  ]
}
