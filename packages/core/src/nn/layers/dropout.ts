import type { Generator } from '../../random/generator.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { checkProbability, dropout, dropout2d } from '../functional/dropout.ts'
import { Module } from '../module.ts'

interface DropoutOptions {
  /** Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

abstract class Drop extends Module {
  /** The probability to be dropped. */
  readonly p: number
  protected readonly generator: Generator | undefined

  constructor(p = 0.5, { generator }: DropoutOptions = {}) {
    super()
    this.p = checkProbability(p, this.constructor.name)
    this.generator = generator
  }

  override extraRepr(): string {
    return `p=${this.p}`
  }
}

/** In training mode, sets elements to 0 with probability p and enlarges the others by 1 / (1 − p). */
export class Dropout extends Drop {
  forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training, generator: this.generator })
  }
}

/** In training mode, sets whole channels of images to 0 with probability p and enlarges the others by 1 / (1 − p). */
export class Dropout2d extends Drop {
  forward(x: Tensor): Tensor {
    return dropout2d(x, this.p, { training: this.training, generator: this.generator })
  }
}
