import type { Value } from '../distributions/distribution.ts'
import { type Parameters, type Space, valueAt } from '../space/space.ts'

/** What a command is made for. */
export interface CommandContext {
  readonly program?: string
  readonly parameters: Parameters
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Node's name of the platform; on `win32` there is no `/usr/bin/env`. */
  readonly platform: string
  /** The path of Node, which runs programs that end in `.js`, `.mjs`, `.cjs`, `.ts`, `.mts` or `.cts`. */
  readonly node: string
  /** Where a file with the parameters as JSON stands, for `${args_json_file}`. */
  readonly jsonFile: string
}

const MACRO = /\$\{([^{}]*)\}/g
const JAVASCRIPT = /\.[cm]?[jt]s$/

const listMacros = [
  'env',
  'interpreter',
  'program',
  'args',
  'args_no_equals',
  'args_no_hyphens',
  'args_no_boolean_flags',
  'args_json',
  'args_json_file',
  'args_append_hydra',
  'args_override_hydra',
] as const
type ListMacro = (typeof listMacros)[number]

/** A value as Python prints it: what wandb's agent passes, and what programs in Python expect (`True`, `None`). */
function pythonText(value: Value, nested = false): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') {
    if (!nested) return value
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
    return quote + value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`) + quote
  }
  if (Array.isArray(value)) return `[${value.map((item) => pythonText(item, true)).join(', ')}]`
  const entries = Object.entries(value).map(([key, item]) => `${pythonText(key, true)}: ${pythonText(item, true)}`)
  return `{${entries.join(', ')}}`
}

/** A value as a program in JavaScript expects it: text as it is, everything else as JSON. */
const javaScriptText = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The names in `${…}` that are neither a macro nor a parameter, for a notice. */
export function unknownMacros(command: readonly string[], space: Space): string[] {
  const known = space.with(space.searchable.map(() => null))
  return command.flatMap((part) =>
    [...part.matchAll(MACRO)]
      .map(([, name]) => name)
      .filter(
        (name) =>
          !(listMacros as readonly string[]).includes(name) &&
          !name.startsWith('envvar:') &&
          valueAt(known, [name]) === undefined,
      ),
  )
}

/**
 * The program and arguments to start for a trial: a command with wandb's macros replaced as wandb's agent does.
 *
 * A part that is one macro becomes as many parts as the macro has (none, if there is no such macro). Inside a longer part
 * `${envvar:NAME}` becomes a variable of the environment (its name, where it is not set) and `${name}` the value of that
 * parameter. Values are written as Python does, unless the program is JavaScript or TypeScript, which gets JSON's forms.
 *
 * @example
 * expandCommand(['${program}', '${args}'], { program: 'train.py', parameters: { lr: 0.1 }, … })
 * // ['train.py', '--lr=0.1']
 */
export function expandCommand(command: readonly string[], context: CommandContext): string[] {
  const { program, parameters, environment } = context
  const javaScript = program !== undefined && JAVASCRIPT.test(program)
  const text = javaScript ? javaScriptText : pythonText
  const flags = Object.entries(parameters).map(([name, value]) => ({ name, value, assigned: `${name}=${text(value)}` }))
  const lists: Record<ListMacro, () => string[]> = {
    env: () => (context.platform === 'win32' ? [] : ['/usr/bin/env']),
    interpreter: () => [javaScript ? context.node : 'python'],
    program: () => (program === undefined ? [] : [program]),
    args: () => flags.map(({ assigned }) => `--${assigned}`),
    args_no_equals: () => flags.flatMap(({ name, value }) => [`--${name}`, text(value)]),
    args_no_hyphens: () => flags.map(({ assigned }) => assigned),
    args_no_boolean_flags: () =>
      flags.flatMap(({ name, value, assigned }) =>
        typeof value === 'boolean' ? (value ? [`--${name}`] : []) : [`--${assigned}`],
      ),
    args_json: () => [JSON.stringify(parameters)],
    args_json_file: () => [context.jsonFile],
    args_append_hydra: () => flags.map(({ assigned }) => `+${assigned}`),
    args_override_hydra: () => flags.map(({ assigned }) => `++${assigned}`),
  }
  const single = (whole: string, name: string): string => {
    if (name.startsWith('envvar:')) return environment[name.slice(7)] ?? name.slice(7)
    const value = valueAt(parameters, [name])
    return value === undefined ? whole : text(value)
  }
  return command.flatMap((part) => {
    const [, alone] = /^\$\{([^{}]*)\}$/.exec(part) ?? []
    if (alone !== undefined && Object.hasOwn(lists, alone)) return lists[alone as ListMacro]()
    const expanded = part.replaceAll(MACRO, single)
    return alone !== undefined && expanded === part ? [] : [expanded]
  })
}

/**
 * Words as a line for a POSIX shell.
 *
 * @example shellText(['train.py', '--name=two words']) // train.py '--name=two words'
 */
export function shellText(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}
