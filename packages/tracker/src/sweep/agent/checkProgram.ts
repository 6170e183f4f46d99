// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { expandCommand } from '../configuration/command.ts'
import { type Problem, SweepConfigurationError } from '../configuration/problem.ts'
import type { Source } from '../configuration/source.ts'
import { nearest, unknownWord } from '../configuration/suggest.ts'
import type { Sweep } from '../configuration/sweep.ts'
import { startFolder } from './processRunner.ts'

/** A word of a command line that means nothing: its position, and the words that would. */
export interface WrongWord {
  readonly index: number
  readonly what: 'command' | 'option'
  /** What it belongs to, such as `trainyard study`. */
  readonly of: string
  readonly known: readonly string[]
}

/** Looks at what follows `trainyard` on a command line; `undefined` stands where only a trial knows the word. */
export type CommandLineCheck = (words: readonly (string | undefined)[]) => Promise<WrongWord | undefined>

export interface CheckProgramOptions {
  /** The configuration, which says where a problem stands. */
  readonly source: Source
  /** The folder that the sweep was made in: programs start there, where this machine has it. */
  readonly folder?: string
  readonly commandLine?: CommandLineCheck
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** A word of the command, with the keys of the configuration that it comes from. */
interface Word {
  /** `undefined` (of an option the name and `=`) where it differs from trial to trial. */
  readonly text: string | undefined
  readonly path: readonly (string | number)[]
}

const INTERPRETER = /^(node|bun|deno|tsx|python[\d.]*|bash|sh|ruby|perl|julia|Rscript)$/
const SCRIPT = /\.([cm]?[jt]sx?|py|sh|rb|pl|jl|R)$/
/** In place of a value that differs from trial to trial. */
const VARIES = '\0'

/**
 * Sees to it that what a sweep starts is there, before a trial is spent to find out: the program, what runs it, and for the
 * commands of `trainyard` their names, those of studies, and their options. What cannot be known beforehand is let pass.
 *
 * @throws SweepConfigurationError that says what was looked for, from where, at its line of the file.
 */
export async function checkProgram(sweep: Sweep, options: CheckProgramOptions): Promise<void> {
  const { source, folder, commandLine, environment = process.env } = options
  const problem =
    sweep.program === undefined && sweep.command.some((part) => part.includes('{program}'))
      ? { path: [], message: 'names no program to run: add "program: train.ts", or a "command" of its own' }
      : await problemOf(wordsOf(sweep, environment), startFolder(folder), environment, commandLine)
  if (!problem) return
  const place = problem.path.length === 0 ? undefined : source.valuePlace(problem.path)
  throw new SweepConfigurationError([{ ...problem, place }], source.file, source.text)
}

function wordsOf({ command, program, space }: Sweep, environment: CheckProgramOptions['environment'] = {}): Word[] {
  const parameters = space.with(space.searchable.map(() => VARIES))
  const context = { program, parameters, environment, platform: process.platform, node: process.execPath, jsonFile: '' }
  return command.flatMap((part, index) => {
    const words = expandCommand([part], context)
    const names = Object.keys(parameters)
    return words.map((word, position): Word => {
      const path =
        part === '${program}' || part === '${interpreter}'
          ? ['program']
          : part === '${args}'
            ? ['parameters', names[position]]
            : ['command', index]
      return { text: word.includes(VARIES) ? /^--[^=\0]+=/.exec(word)?.[0] : word, path }
    })
  })
}

async function problemOf(
  all: Word[],
  folder: string,
  environment: NonNullable<CheckProgramOptions['environment']>,
  commandLine?: CommandLineCheck,
): Promise<Problem | undefined> {
  // `/usr/bin/env NAME=value program …`
  const env = /^(\/usr\/bin\/)?env$/.test(all[0]?.text ?? '')
  const words = env
    ? all.slice(
        Math.max(
          all.findIndex(({ text }, at) => at > 0 && !text?.includes('=')),
          1,
        ),
      )
    : all
  const [start, ...rest] = words
  if (start?.text === undefined || start.text.startsWith('-')) return undefined
  if (start.text === 'trainyard' && commandLine) {
    const wrong = await commandLine(rest.map(({ text }) => text))
    const word = wrong && rest[wrong.index]
    if (!wrong || !word) return undefined
    return { path: word.path, message: `\`${wrong.of}\`: ${unknownWord(wrong.what, nameOf(word), wrong.known)}` }
  }
  const missing = missingExecutable(start.text, folder, environment)
  if (missing) return { path: start.path, message: missing }
  const script = scriptOf(start.text, rest)
  if (script?.text === undefined || isFile(resolve(folder, script.text))) return undefined
  return { path: script.path, message: missingFile(script.text, folder) }
}

const nameOf = ({ text = '' }: Word) => text.split('=')[0]

/** The script that an interpreter is to run. */
function scriptOf(program: string, words: readonly Word[]): Word | undefined {
  if (!INTERPRETER.test(basename(program).replace(/\.exe$/, ''))) return undefined
  const script = words.findIndex(
    ({ text, path }) => path[0] === 'program' || (SCRIPT.test(text ?? '') && !text?.startsWith('-')),
  )
  // `python -m package` names no file.
  const module = words.findIndex(({ text }) => /^-[mce]$/.test(text ?? ''))
  return module !== -1 && module < script ? undefined : words[script]
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return isFile(path)
  } catch {
    return false
  }
}

function missingExecutable(
  name: string,
  folder: string,
  environment: NonNullable<CheckProgramOptions['environment']>,
): string | undefined {
  // Windows finds programs by endings and registered names of its own.
  if (process.platform === 'win32') return undefined
  if (name.includes('/')) {
    const path = resolve(folder, name)
    if (!isFile(path)) return missingFile(name, folder)
    return isExecutable(path) ? undefined : `the file ${path} cannot be executed; chmod +x makes it a program`
  }
  const folders = (environment.PATH ?? '').split(delimiter)
  const onPath = (program: string) => folders.some((at) => isExecutable(join(at, program)))
  if (onPath(name)) return undefined
  const hint =
    name === 'python' && onPath('python3')
      ? `, but "python3": give command: [python3, '\${program}', '\${args}']`
      : existsSync(join(folder, name))
        ? `; to run the file in ${folder}, write ./${name}`
        : ''
  return `there is no program "${name}" on the PATH${hint}${hint ? '' : ` (${folders.join(delimiter)})`}`
}

function missingFile(name: string, folder: string): string {
  const path = resolve(folder, name)
  const likely = existsSync(dirname(path)) ? nearest(basename(path), readdirSync(dirname(path))) : undefined
  const hint = likely === undefined ? '' : `; did you mean "${join(dirname(name), likely)}"?`
  return `there is no file "${name}" in ${folder}, where trials start${hint}`
}
