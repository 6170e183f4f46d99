import { ProgressBar } from '../progress/bar.ts'
import { defaultOutput, type ProgressOutput } from '../progress/output.ts'
import type { Callback, FitContext } from './callback.ts'

/** What the lines say, and where they go. */
export interface ProgressOptions {
  /** Stands before every line: the model's name, for instance. */
  readonly label?: string
  /** What a sample is called in `12,000 images/s`. Default `samples`. */
  readonly unit?: string
  /** Default: standard error. */
  readonly output?: ProgressOutput
}

/** A bar for each epoch on a terminal, at most ten times a second, and one line an epoch everywhere. */
export function progress({ label = '', unit = 'samples', output = defaultOutput() }: ProgressOptions = {}): Callback {
  let bar: ProgressBar | undefined
  const title = ({ epoch, epochs }: FitContext) => `${label ? `${label}  ` : ''}epoch ${epoch}/${epochs}`
  const rate = ({ samples, seconds }: FitContext) =>
    seconds > 0 ? `${Math.round(samples / seconds).toLocaleString('en-US')} ${unit}/s` : ''
  return {
    onEpochStart(context) {
      bar = new ProgressBar({ total: context.batches, label: title(context), output })
    },
    onStep(context) {
      bar?.update(context.batch, () => `loss ${significant(context.loss)}  ${rate(context)}`)
    },
    onEpochEnd(context) {
      const { metrics, seconds } = context.history.at(-1)!
      const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${significant(value)}`)
      bar?.close()
      output.write(`${[title(context), ...numbers, `${seconds.toFixed(1)} s`].join('  ')}\n`)
    },
    onFitEnd() {
      bar?.close()
    },
  }
}

function significant(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(2) : value.toFixed(4)
}
