import { TrainyardError } from '../../errors.ts'
import type { Generator } from '../../random/generator.ts'
import { stateZeros } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { embedding } from '../functional/embedding.ts'
import * as init from '../init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { checkSize } from './linear.ts'

/** Which row is padding, and where the first rows come from. */
export interface EmbeddingOptions {
  /** A row that stays 0: it gets no gradient. Negative numbers count from the end. */
  readonly paddingIndex?: number
  /** Where the first rows come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/**
 * A table of trained rows: numbers (int32) [..] → rows [.., embeddingDim]. Rows start normal.
 *
 * @example
 * ```ts
 * const table = new nn.Embedding(1000, 16)
 * console.log(table.forward(tensor([[1, 5], [2, 7]], { dtype: 'int32' })).shape) // [2, 2, 16]
 * ```
 */
export class Embedding extends Module {
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly paddingIndex: number | null
  weight: Parameter

  constructor(numEmbeddings: number, embeddingDim: number, { paddingIndex, generator }: EmbeddingOptions = {}) {
    super()
    this.numEmbeddings = checkSize(numEmbeddings, 'Embedding: numEmbeddings')
    this.embeddingDim = checkSize(embeddingDim, 'Embedding: embeddingDim')
    const padding = paddingIndex !== undefined && paddingIndex < 0 ? paddingIndex + numEmbeddings : paddingIndex
    if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < numEmbeddings)) {
      throw new TrainyardError(`Embedding: paddingIndex ${paddingIndex} is not a row of ${numEmbeddings}`)
    }
    this.paddingIndex = padding ?? null
    this.weight = new Parameter(stateZeros([numEmbeddings, embeddingDim]))
    this.resetParameters(generator)
  }

  /** Draws the rows anew. */
  resetParameters(generator?: Generator): void {
    init.normal(this.weight, 0, 1, { generator })
    const { paddingIndex: row, embeddingDim: size } = this
    if (row === null) return
    const elements = this.weight.storage.read().slice()
    elements.fill(0, row * size, (row + 1) * size)
    this.weight.storage.write(elements)
  }

  forward(index: Tensor): Tensor {
    return embedding(index, this.weight, { paddingIndex: this.paddingIndex })
  }

  override extraRepr(): string {
    const padding = this.paddingIndex === null ? '' : `, paddingIndex=${this.paddingIndex}`
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`
  }
}
