import { nn, type Tensor } from '@trainyard/core'

/**
 * The half of a U-Net that looks: from pictures to features at a half, a quarter, … of their size. Any module of this kind
 * can be a U-Net's encoder.
 *
 * @example
 * ```ts
 * class Tiny extends Encoder {
 *   readonly outChannels = [8, 16]
 *   first = new nn.Conv2d(1, 8, 3, { stride: 2, padding: 1 })
 *   second = new nn.Conv2d(8, 16, 3, { stride: 2, padding: 1 })
 *   forward(x: Tensor) {
 *     const half = this.first.forward(x).relu()
 *     return [half, this.second.forward(half).relu()]
 *   }
 * }
 * ```
 */
export abstract class Encoder extends nn.Module<[x: Tensor], Tensor[]> {
  /** Channels of the features, from the finest (a half of the size) to the coarsest. */
  abstract readonly outChannels: readonly number[]
}
