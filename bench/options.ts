import { parseArgs } from 'node:util'
import { others, type PeerEntry } from './peers/installed.ts'

export interface Options {
  /** Choose cases; none: all. */
  readonly words: readonly string[]
  readonly rounds: number
  readonly threads: number
  readonly json: boolean
  /** File whose block of figures is to be replaced. */
  readonly markdown: string | null
  /** Saved reports to read instead of measuring. */
  readonly from: readonly string[]
  readonly beside: readonly PeerEntry[]
}

export const usage = `npm run bench -- [words] [options]
  words           cases to run, by parts of their names: unet, cnn_step, "decoder forward"; none: all
  --rounds N      rounds of each case, alternating with the peers (default 5)
  --threads N     threads of Trainyard and of the peers (default 2)
  --beside LIST   what to run beside Trainyard, with commas: ${others.map(({ id }) => id).join(', ')}; none; default all
  --json          print the figures as JSON on the standard output
  --markdown FILE write the figures between the marks in a file, such as bench/README.md
  --from FILE     use figures that --json has printed instead of measuring; several are joined
  --help`

function positive(name: string, value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} must be a whole number of at least 1, got "${value}"`)
  return number
}

function chosen(list: string | undefined): readonly PeerEntry[] {
  if (list === undefined) return others
  const ids = list.split(',').filter((id) => id && id !== 'none')
  const unknown = ids.find((id) => !others.some((peer) => peer.id === id))
  if (unknown) throw new Error(`--beside: "${unknown}" is none of ${others.map(({ id }) => id).join(', ')}`)
  return others.filter(({ id }) => ids.includes(id))
}

/**
 * Reads the command line; null where only help is wanted.
 *
 * @throws Error that says which option is wrong.
 */
export function readOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      beside: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  return {
    words: positionals,
    rounds: positive('rounds', values.rounds),
    threads: positive('threads', values.threads),
    json: values.json,
    markdown: values.markdown ?? null,
    from: values.from,
    beside: chosen(values.beside),
  }
}
