import { compile, nn, noGrad, stateZeros, type Tensor } from '@trainyard/core'
import type { Batches, Parts } from '../batches.ts'
import { rememberModes } from '../trainer/modes.ts'
import { outputOf } from '../trainer/objective.ts'

type BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d

function layersOf(model: nn.AnyModule): BatchNorm[] {
  return model
    .modules()
    .filter((module) => module instanceof nn.BatchNorm1d || module instanceof nn.BatchNorm2d)
    .filter((layer) => layer.runningMean !== null)
}

/**
 * Computes the running statistics of batch norms anew, for the weights as they are: the mean over batches of training data.
 *
 * The usual exponential average lags behind weights that still move, so that a network judged in evaluation mode early in
 * a training looks much worse than it is (Y. Wu and J. Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3). Training
 * itself is not changed: it uses the statistics of its batches.
 */
export class BatchNormReestimation {
  readonly #model: nn.AnyModule
  readonly #run

  constructor(model: nn.AnyModule) {
    this.#model = model
    this.#run = compile((inputs: readonly Tensor[]) => {
      noGrad(() => outputOf(model, { inputs }))
    })
  }

  /** Whether the model has any statistics to be estimated. */
  get applies(): boolean {
    return layersOf(this.#model).some((layer) => layer.training)
  }

  /** Goes through at most so many batches. Layers in evaluation mode (frozen ones) are left alone. */
  async run<Batch>(batches: Batches<Batch>, unpack: (batch: never) => Parts, limit: number): Promise<void> {
    const model = this.#model
    const layers = layersOf(model).filter((layer) => layer.training)
    const restore = rememberModes(model)
    const momenta = layers.map((layer) => layer.momentum)
    // Dropout and the like stay quiet: only the statistics are wanted.
    model.eval()
    for (const layer of layers) {
      layer.train()
      setMomentum(layer, null)
      layer.runningMean!.assign(stateZeros(layer.runningMean!.shape))
      layer.runningVar!.assign(stateZeros(layer.runningVar!.shape))
      layer.numBatchesTracked?.assign(stateZeros([], 'int32'))
    }
    try {
      let done = 0
      for await (const batch of batches) {
        const { inputs } = unpack(batch as never)
        await this.#run(inputs)
        if (++done >= limit) break
      }
    } finally {
      for (const [i, layer] of layers.entries()) setMomentum(layer, momenta[i])
      restore()
    }
  }
}

/** With null, a batch norm keeps the plain mean over all batches seen since its count was 0. */
function setMomentum(layer: BatchNorm, momentum: number | null): void {
  ;(layer as { momentum: number | null }).momentum = momentum
}
