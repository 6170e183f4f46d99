import { type Generator, rand, type Tensor } from '@trainyard/core'

/**
 * Leaves out a block's result for some pictures of a batch, and enlarges the others by 1 / (1 − p) to keep the mean
 * (G. Huang et al., "Deep networks with stochastic depth", 2016).
 *
 * @param x A block's result, [N, C, H, W].
 * @param p The probability to be left out.
 */
export function dropConnect(x: Tensor, p: number, generator?: Generator): Tensor {
  const kept = rand([x.shape[0], 1, 1, 1], { generator }).ge(p)
  return x.mul(kept.cast('float32').mul(1 / (1 - p)))
}
