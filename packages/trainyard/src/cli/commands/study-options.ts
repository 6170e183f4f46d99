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
