import { compile, type nn, noGrad, type Tensor, TrainyardError, wrapArray } from '@trainyard/core'
import type { Batches, Parts } from '../batches.ts'
import type { Metrics } from '../history.ts'
import { rememberModes } from './modes.ts'
import { type Loss, lossOf, type Metric, outputOf, samplesOf } from './objective.ts'

export interface EvaluationOptions {
  readonly model: nn.AnyModule
  readonly loss: Loss
  readonly metrics: { readonly [name: string]: Metric }
  readonly unpack: (batch: never) => Parts
}

/** Measures and predicts in evaluation mode: nothing of the model changes. */
export class Evaluation {
  readonly #options: EvaluationOptions
  readonly #measure
  readonly #predict

  constructor(options: EvaluationOptions) {
    const { model, loss, metrics } = options
    this.#options = options
    this.#measure = compile((inputs: readonly Tensor[], targets: readonly Tensor[]) =>
      noGrad(() => {
        const output = outputOf(model, { inputs })
        return {
          loss: lossOf(loss, output, targets),
          metrics: Object.values(metrics).map((metric) =>
            typeof metric === 'function' ? metric(output, ...targets) : metric.counts(output, ...targets),
          ),
        }
      }),
    )
    this.#predict = compile((inputs: readonly Tensor[]) => noGrad(() => outputOf(model, { inputs })))
  }

  /** Mean loss and metrics over all samples, each sample counted once whatever batch it is in. */
  async measure<Batch>(batches: Batches<Batch>): Promise<Metrics> {
    const entries = Object.entries(this.#options.metrics)
    const sums: number[][] = entries.map(() => [])
    let samples = 0
    let loss = 0
    await this.#inEvaluationMode(batches, async (parts) => {
      const size = samplesOf(parts)
      const result = await this.#measure(parts.inputs, parts.targets)
      samples += size
      loss += (await result.loss.item()) * size
      for (const [i, [, metric]] of entries.entries()) {
        const weight = typeof metric === 'function' ? size : 1
        const values = await result.metrics[i].data()
        for (let k = 0; k < values.length; k++) sums[i][k] = (sums[i][k] ?? 0) + values[k] * weight
      }
    })
    if (samples === 0) throw new TrainyardError('Trainer: there is nothing to evaluate on: no batch was given')
    const values = entries.map(([name, metric], i): [string, number] => [
      name,
      typeof metric === 'function' ? sums[i][0] / samples : metric.value(sums[i]),
    ])
    return { loss: loss / samples, ...Object.fromEntries(values) }
  }

  /** The model's outputs for all samples, one after another along the first axis. */
  async predict<Batch>(batches: Batches<Batch>): Promise<Tensor> {
    const chunks: Float32Array[] = []
    let shape: readonly number[] = []
    let samples = 0
    await this.#inEvaluationMode(batches, async (parts) => {
      const output = await this.#predict(parts.inputs)
      shape = output.shape
      samples += shape[0]
      chunks.push((await output.data()) as Float32Array)
    })
    if (samples === 0) throw new TrainyardError('Trainer: there is nothing to predict: no batch was given')
    const all = new Float32Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
    let at = 0
    for (const chunk of chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    return wrapArray(all, [samples, ...shape.slice(1)])
  }

  async #inEvaluationMode<Batch>(batches: Batches<Batch>, work: (parts: Parts) => Promise<void>): Promise<void> {
    const { model, unpack } = this.#options
    const restore = rememberModes(model)
    model.eval()
    try {
      for await (const batch of batches) await work(unpack(batch as never))
    } finally {
      restore()
    }
  }
}
