import { type Generator, nn } from '@trainyard/core'

/**
 * A 3×3 convolution, batch norm and ReLU. Weights start as He et al. (2015) propose for what follows, with keys `0.weight`,
 * `1.weight`, … as in segmentation_models_pytorch.
 */
export class ConvNormReLU extends nn.Sequential {
  constructor(
    inChannels: number,
    outChannels: number,
    { stride = 1, generator }: { stride?: number; generator?: Generator } = {},
  ) {
    const convolution = new nn.Conv2d(inChannels, outChannels, 3, { padding: 1, stride, bias: false, generator })
    nn.init.kaimingUniform(convolution.weight, { nonlinearity: 'relu', generator })
    super(convolution, new nn.BatchNorm2d(outChannels), new nn.ReLU())
  }
}
