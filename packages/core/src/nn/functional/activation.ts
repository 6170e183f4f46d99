import type { Tensor } from '../../tensor/tensor.ts'

// Formulas are chosen so that they neither overflow nor cancel, and so that their derivatives, also the second, are
// right at the joints: `where` sends the gradient to the side that was taken.

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  return x.relu()
}

/** min(max(x, 0), 6); the gradient is 0 at both bounds. */
export function relu6(x: Tensor): Tensor {
  return hardtanh(x, 0, 6)
}

/** x where positive, else slope · x. Default slope 0.01. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return x.gt(0).where(x, x.mul(slope))
}

/** x where positive, else α (exp(x) − 1), by default with α 1. Clevert, Unterthiner, Hochreiter, 2015. */
export function elu(x: Tensor, alpha = 1): Tensor {
  return x.gt(0).where(x, x.clamp(undefined, 0).exp().sub(1).mul(alpha))
}

/** 1 / (1 + exp(−x)), without overflow. */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid()
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return x.tanh()
}

/** x · sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid())
}

/**
 * x · Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016).
 *
 * @param approximate 'tanh' for the authors' approximation. Default 'none'.
 */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  if (approximate === 'tanh') {
    const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
    return x.mul(0.5).mul(inner.tanh().add(1))
  }
  return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
}

/**
 * log(1 + exp(β x)) / β, a smooth rectifier.
 *
 * @param threshold Where β x is larger, x itself is taken. Default 20.
 */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  const scaled = beta === 1 ? x : x.mul(beta)
  const smooth = stableSoftplus(scaled)
  return scaled.gt(threshold).where(x, beta === 1 ? smooth : smooth.div(beta))
}

/** log(1 + exp(x)) without overflow: max(x, 0) + log1p(exp(−|x|)), with the derivatives of the side x is on. */
export function stableSoftplus(x: Tensor): Tensor {
  return x.relu().add(minusAbs(x).exp().log1p())
}

/** −|x| with the derivative 1 at 0, that of the negative side. */
export function minusAbs(x: Tensor): Tensor {
  return x.gt(0).where(x.neg(), x)
}

/** log(sigmoid(x)) without overflow. */
export function logSigmoid(x: Tensor): Tensor {
  return stableSoftplus(x.neg()).neg()
}

/** x · tanh(softplus(x)). Misra, 2019. */
export function mish(x: Tensor): Tensor {
  return x.mul(stableSoftplus(x).tanh())
}

/** A sigmoid of three straight lines: 0 below −3, 1 above 3. */
export function hardsigmoid(x: Tensor): Tensor {
  return x.le(-3).where(0, x.lt(3).where(x.add(3).div(6), 1))
}

/** x · hardsigmoid(x). Howard et al., "Searching for MobileNetV3", 2019. */
export function hardswish(x: Tensor): Tensor {
  return x.le(-3).where(0, x.lt(3).where(x.mul(x.add(3)).div(6), x))
}

/** Limits to low..high, by default −1..1; the gradient is 0 outside and at the bounds. */
export function hardtanh(x: Tensor, low = -1, high = 1): Tensor {
  return x.le(low).where(low, x.ge(high).where(high, x))
}

/** exp(x) / Σ exp(x) along an axis. */
export function softmax(x: Tensor, axis: number): Tensor {
  return x.softmax(axis)
}

/** log(softmax(x)) along an axis, without overflow or loss of precision. */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  return x.logSoftmax(axis)
}
