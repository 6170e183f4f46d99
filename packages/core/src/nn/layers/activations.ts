import type { Tensor } from '../../tensor/tensor.ts'
import * as F from '../functional/activation.ts'
import { Module } from '../module.ts'

/** max(x, 0). */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return F.relu(x)
  }
}

/** min(max(x, 0), 6). */
export class ReLU6 extends Module {
  forward(x: Tensor): Tensor {
    return F.relu6(x)
  }
}

/** x where positive, else slope · x. Default slope 0.01. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number

  constructor(negativeSlope = 0.01) {
    super()
    this.negativeSlope = negativeSlope
  }

  forward(x: Tensor): Tensor {
    return F.leakyRelu(x, this.negativeSlope)
  }

  override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`
  }
}

/** x where positive, else α (exp(x) − 1). Default α 1. */
export class ELU extends Module {
  readonly alpha: number

  constructor(alpha = 1) {
    super()
    this.alpha = alpha
  }

  forward(x: Tensor): Tensor {
    return F.elu(x, this.alpha)
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}`
  }
}

/** The hyperbolic tangent: from −1 to 1. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return F.tanh(x)
  }
}

/** 1 / (1 + exp(−x)): from 0 to 1. For a loss give logits to `BCEWithLogitsLoss` instead. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return F.sigmoid(x)
  }
}

/** log(sigmoid(x)). */
export class LogSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return F.logSigmoid(x)
  }
}

/** x · sigmoid(x), also called swish. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return F.silu(x)
  }
}

/** x · Φ(x), Φ the normal distribution function; exactly (default), or by the approximation with tanh. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  constructor(approximate: 'none' | 'tanh' = 'none') {
    super()
    this.approximate = approximate
  }

  forward(x: Tensor): Tensor {
    return F.gelu(x, this.approximate)
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}

/** log(1 + exp(β x)) / β. Default β 1; above the threshold 20, x itself. */
export class Softplus extends Module {
  readonly beta: number
  readonly threshold: number

  constructor(beta = 1, threshold = 20) {
    super()
    this.beta = beta
    this.threshold = threshold
  }

  forward(x: Tensor): Tensor {
    return F.softplus(x, this.beta, this.threshold)
  }

  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`
  }
}

/** x · tanh(softplus(x)). */
export class Mish extends Module {
  forward(x: Tensor): Tensor {
    return F.mish(x)
  }
}

/** A sigmoid of three straight lines: 0 below −3, 1 above 3. */
export class Hardsigmoid extends Module {
  forward(x: Tensor): Tensor {
    return F.hardsigmoid(x)
  }
}

/** x · hardsigmoid(x). */
export class Hardswish extends Module {
  forward(x: Tensor): Tensor {
    return F.hardswish(x)
  }
}

/** Limits to low..high. Default −1..1. */
export class Hardtanh extends Module {
  readonly low: number
  readonly high: number

  constructor(low = -1, high = 1) {
    super()
    this.low = low
    this.high = high
  }

  forward(x: Tensor): Tensor {
    return F.hardtanh(x, this.low, this.high)
  }

  override extraRepr(): string {
    return `${this.low}, ${this.high}`
  }
}

/** exp(x) / Σ exp(x) along an axis. */
export class Softmax extends Module {
  readonly axis: number

  constructor(axis: number) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return F.softmax(x, this.axis)
  }

  override extraRepr(): string {
    return `axis=${this.axis}`
  }
}

/** log(softmax(x)) along an axis. */
export class LogSoftmax extends Module {
  readonly axis: number

  constructor(axis: number) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return F.logSoftmax(x, this.axis)
  }

  override extraRepr(): string {
    return `axis=${this.axis}`
  }
}

/** What comes in goes out. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x
  }
}
