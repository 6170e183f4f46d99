import { compile, data, type nn, noGrad, type Tensor } from '@trainyard/core'
import { cnnNet, mlpNet } from '../models/networks.ts'
import { momentum, nll, trainingStep } from '../models/training.ts'
import type { Case, Made } from './case.ts'
import { classes, noise } from './data.ts'

function step(net: nn.Module, ...shape: number[]): Made {
  const train = trainingStep(net, momentum(net), nll)
  const [x, y] = [noise(...shape), classes(shape[0])]
  return { call: () => train(x, y) }
}

function inference(net: nn.Module, ...shape: number[]): Made {
  net.eval()
  const infer = compile((x: Tensor) => noGrad(() => net.forward(x) as Tensor))
  const x = noise(...shape)
  return { call: () => infer(x) }
}

/** One pass over 60,000 images in memory through the data loader, shuffled, batch 64. */
function epoch(): Made {
  const net = cnnNet()
  const train = trainingStep(net, momentum(net), nll)
  const set = new data.TensorDataset(noise(60000, 1, 28, 28), classes(60000))
  return {
    async call() {
      for await (const [x, y] of new data.DataLoader(set, { batchSize: 64, shuffle: true })) await train(x, y)
    },
  }
}

/** The MLP and the CNN of the MNIST study, batch 64. */
export const mnistCases: readonly Case[] = [
  {
    name: 'mlp_step',
    group: 'models',
    unit: 'step',
    repeats: 200,
    variants: true,
    make: () => step(mlpNet(), 64, 784),
  },
  { name: 'mlp_infer', group: 'models', unit: 'batch', repeats: 200, make: () => inference(mlpNet(), 64, 784) },
  {
    name: 'cnn_step',
    group: 'models',
    unit: 'step',
    repeats: 60,
    variants: true,
    make: () => step(cnnNet(), 64, 1, 28, 28),
  },
  { name: 'cnn_infer', group: 'models', unit: 'batch', repeats: 60, make: () => inference(cnnNet(), 64, 1, 28, 28) },
  { name: 'cnn_epoch', group: 'models', unit: 'epoch', repeats: 1, rounds: 3, make: epoch },
]
