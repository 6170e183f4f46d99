import { type Command, Option } from 'commander'
import { wholeNumber } from '../arguments.ts'

/** What all studies can be told, as it comes from the command line. */
export interface CommonOptions {
  seed: number
  json?: true
  out?: string
  threads?: number
  device: 'wasm' | 'reference'
  strict?: true
}

/** Adds the options that all studies have. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--seed <n>', 'fixes everything random', wholeNumber(0), 1)
    .option('--json', 'print one JSON object; progress goes to standard error')
    .option('--out <dir>', 'folder of the report (default: "reports/STUDY")')
    .option('--threads <n>', 'threads that compute (default: one a core)', wholeNumber(1))
    .addOption(new Option('--device <name>', 'what computes').choices(['wasm', 'reference']).default('wasm'))
    .option('--strict', 'the same bits on every machine, somewhat slower')
}

/** What the studies take of the common options. */
export function studyOptions({ seed, json, out, threads, device, strict }: CommonOptions) {
  return {
    seed,
    device,
    ...(out === undefined ? {} : { out }),
    ...(threads === undefined ? {} : { threads }),
    ...(strict ? { strict } : {}),
    ...(json ? {} : { print: (text: string) => console.log(text) }),
  }
}

/** Prints the result where it was asked for as JSON. */
export function printResult(result: unknown, { json }: CommonOptions): void {
  if (json) console.log(JSON.stringify(result))
}

/** What a sweep over a study can be told. */
export interface SweepFlags {
  sweep?: string
  agents: number
  resume?: true
}

/** Adds the options that make a sweep of a study. */
export function withSweepOptions(command: Command): Command {
  return command
    .option('--sweep <file>', 'run this sweep over the study, and report what it teaches')
    .option('--agents <n>', 'with --sweep: trials at once, which share the cores', wholeNumber(1), 1)
}

/** What the sweeps of studies take of the options. */
export async function sweepOptions({ sweep, agents, resume, out, json }: SweepFlags & CommonOptions) {
  const [{ builtPage }, { checkCommandLine }] = await Promise.all([import('../page.ts'), import('../program.ts')])
  return {
    file: sweep,
    agents,
    resume: resume === true,
    out,
    page: builtPage(),
    commandLine: checkCommandLine,
    ...(json ? {} : { print: (text: string) => console.log(text) }),
  }
}

/** The words of the command line that are for the trials: all options but those that say how the sweep runs. */
export function trialWords(command: Command): string[] {
  const own = new Set(['sweep', 'agents', 'resume', 'out', 'json', 'threads'])
  return command.options.flatMap((option) => {
    const name = option.attributeName()
    if (own.has(name) || command.getOptionValueSource(name) !== 'cli') return []
    const value = command.getOptionValue(name)
    if (option.negate || value === true) return [option.long!]
    return [option.long!, Array.isArray(value) ? value.join(',') : String(value)]
  })
}
