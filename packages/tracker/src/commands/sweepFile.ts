/// <reference types="node" preserve="true" />
import { resolve } from 'node:path'
import { readRun, type SeenRun } from '../log/readRun.ts'
import type { SweepDetail, Trial } from '../server/api/sweeps.ts'
import { defaultDir } from '../store/paths.ts'
import { type CommandLineCheck, checkProgram } from '../sweep/agent/checkProgram.ts'
import { type FoundHost, findHost } from '../sweep/agent/findHost.ts'
import type { SweepHost } from '../sweep/agent/host.ts'
import { loadSweepFile, type SweepFile } from '../sweep/configuration/loadFile.ts'
import { readSource } from '../sweep/configuration/read.ts'
import { type Source, textSource } from '../sweep/configuration/source.ts'
import type { Sweep } from '../sweep/configuration/sweep.ts'
import type { SweepConfiguration } from '../sweep/configuration/types.ts'
import type { FolderServer } from './folderServer.ts'
import { CommandError } from './io.ts'
import { runSweep } from './runSweep.ts'

/** Which sweep, how much of it, and who hears of it. */
export interface SweepFileOptions {
  /** A sweep file; not needed with `resume`. */
  readonly file?: string
  /** Goes on with this sweep. */
  readonly resume?: string
  /** Trials at once on this machine. Default 1. */
  readonly agents?: number
  /** Further words at the end of every trial's command; kept with the sweep. */
  readonly words?: readonly string[]
  /** Called with the id of a new sweep, before its first trial. */
  readonly onCreated?: (sweep: string) => void | Promise<void>
  /** The most trials to run now. */
  readonly count?: number
  /** The tracker's folder. Default: `$TRAINYARD_DIR`, else `.trainyard`. */
  readonly dir?: string
  /** A server on another machine. Default: the folder's own, which is started where none runs. */
  readonly url?: string
  /** Of that server. Default `$TRAINYARD_TOKEN`. */
  readonly token?: string
  /** Default: the sweep file's, else `$TRAINYARD_PROJECT`, else `default`. */
  readonly project?: string
  /** Folder of the built page, for the server that is started where none runs. */
  readonly page?: string | null
  /** Says whether a command that begins with `trainyard` can be understood. Default: none is looked at. */
  readonly commandLine?: CommandLineCheck
  /** Ends it; `resume` goes on later. */
  readonly signal: AbortSignal
  /** Where the view of all trials is drawn. Default: standard output. */
  readonly out?: NodeJS.WriteStream
  /** Takes lines for a person. Default: standard output. */
  readonly say?: (line: string) => void
}

/** A trial with what its run came to, where that run is kept in this folder. */
export interface RanTrial extends Trial {
  readonly outcome: SeenRun | null
}

/** What became of a sweep in this call. */
export interface RanSweep {
  readonly id: string
  readonly project: string
  readonly detail: SweepDetail
  readonly trials: readonly RanTrial[]
  /** Why all agents were paused, if they were. */
  readonly paused?: string
}

/**
 * Runs a sweep file with agents in this process, or goes on with a sweep, until nothing is left to do.
 *
 * @throws SweepConfigurationError with everything that is wrong with the file.
 * @example
 * const { trials } = await runSweepFile({ file: 'sweep.yaml', agents: 2, signal: new AbortController().signal })
 */
export async function runSweepFile(options: SweepFileOptions): Promise<RanSweep> {
  const {
    file,
    resume,
    agents = 1,
    count,
    page,
    commandLine,
    signal,
    out = process.stdout,
    say = console.log,
  } = options
  if (file === undefined && resume === undefined)
    throw new CommandError('give a sweep file, or --resume with the id of a sweep')
  const loaded = file === undefined ? undefined : await loadSweepFile(file)
  if (loaded && resume === undefined) await checkProgram(loaded.sweep, { source: loaded.source, commandLine })
  const dir = resolve(options.dir ?? defaultDir())
  const server = options.url === undefined ? await serverFor(dir, page ?? undefined, say) : undefined
  try {
    const project =
      options.project ?? (resume === undefined ? (loaded?.sweep.project ?? process.env.TRAINYARD_PROJECT) : undefined)
    const found = await findHost({ ...options, dir, project, sweep: resume })
    try {
      if (resume !== undefined) await checkMade(found.host, resume, commandLine)
      const id = resume ?? (await newSweep(found, loaded as SweepFile, file as string, options, say))
      if (resume !== undefined) await found.host.command(id, 'resume')
      const { detail, paused } = await runSweep({ found, sweep: id, dir, agents, count, signal, out })
      const { trials } = await found.host.trials(id)
      const ran = trials.map((trial): RanTrial => {
        const outcome = trial.run === null ? null : readRun({ dir, project: found.project, run: trial.run })
        return { ...trial, outcome }
      })
      return { id, project: found.project, detail, trials: ran, ...(paused === undefined ? {} : { paused }) }
    } finally {
      found.close()
    }
  } finally {
    await server?.close()
  }
}

/**
 * Sees to it that the program of a sweep that was made before is there, on this machine.
 *
 * @throws SweepConfigurationError where it is not.
 */
export async function checkMade(host: SweepHost, sweep: string, commandLine?: CommandLineCheck): Promise<void> {
  const { text, folder } = await host.detail(sweep)
  const source = textSource(text, `sweep ${sweep}`)
  await checkProgram(readSource(source), { source, folder: folder ?? undefined, commandLine })
}

/** A server for the time that the sweep takes, so that the page can look on. It is only loaded where there is a sweep. */
async function serverFor(dir: string, page: string | undefined, say: (line: string) => void): Promise<FolderServer> {
  const { FolderServer } = await import('./folderServer.ts')
  const server = new FolderServer(dir, page)
  const url = await server.open()
  if (url !== undefined) say(`the sweep can be watched at ${url}`)
  return server
}

async function newSweep(
  found: FoundHost,
  { sweep, source, text }: SweepFile,
  file: string,
  { words = [], onCreated }: Pick<SweepFileOptions, 'words' | 'onCreated'>,
  say: (line: string) => void,
): Promise<string> {
  const { id, notices } = await found.host.create({
    configuration: words.length === 0 ? text : withWords(source, sweep, words),
    file,
    folder: process.cwd(),
  })
  for (const notice of notices) say(`note: ${notice}`)
  say(`sweep ${id} in project ${found.project}; go on later with --resume ${id}`)
  await onCreated?.(id)
  return id
}

/** The configuration with a longer command. */
function withWords(source: Source, sweep: Sweep, words: readonly string[]): string {
  const configuration = source.value as SweepConfiguration
  return JSON.stringify({ ...configuration, command: [...sweep.command, ...words] }, undefined, 2)
}
