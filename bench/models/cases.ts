import { compile, data, fromArray, Generator, nn, noGrad, optim, type Tensor } from '@trainyard/core'
import { cnnNet, mlpNet, xorNet } from './networks.ts'
import { Unet } from './unet.ts'

/** Something to be timed. */
export interface Case {
  readonly name: string
  /** What one repeat is. */
  readonly unit: string
  /** Repeats in one round. */
  readonly repeats: number
  /** Floating-point operations of one repeat, where a share of the peak means something. */
  readonly flops?: number
  /** Runs so often and gives the seconds of one repeat: the median where each can be timed. */
  run(repeats: number): Promise<number>
}

const generator = new Generator(7)
const noise = (...shape: number[]): Tensor =>
  fromArray(
    generator.uniform(shape.reduce((a, b) => a * b)).map((u) => 2 * u - 1),
    shape,
  )
const classes = (n: number): Tensor =>
  fromArray(
    Int32Array.from(generator.permutation(n), (i) => i % 10),
    [n],
  )
const sgd = (net: nn.Module): optim.SGD => new optim.SGD(net.parameters(), { lr: 0.002, momentum: 0.9 })

type Criterion = (output: Tensor, target: Tensor) => Tensor

function trainingStep(net: nn.Module, optimizer: optim.Optimizer, criterion: Criterion) {
  return compile((x: Tensor, y: Tensor) => {
    optimizer.zeroGrad()
    const loss = criterion(net.forward(x) as Tensor, y)
    loss.backward()
    optimizer.step()
    return loss
  })
}

/** Times every call and gives the median. */
async function median(repeats: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    await call()
    times.push((performance.now() - start) / 1000)
  }
  return times.sort((a, b) => a - b)[times.length >> 1]
}

async function each(repeats: number, call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await call()
  return (performance.now() - start) / 1000 / repeats
}

const step =
  (name: string, repeats: number, make: () => { call: () => Promise<unknown>; flops?: number }): (() => Case) =>
  () => {
    const { call, flops } = make()
    return { name, unit: 'step', repeats, ...(flops && { flops }), run: (n) => median(n, call) }
  }

const bce: Criterion = (output, target) =>
  nn.functional.binaryCrossEntropyWithLogits(output.reshape(target.shape), target)
const nll: Criterion = (output, target) => nn.functional.nllLoss(output, target)
const mse: Criterion = (output, target) => nn.functional.mseLoss(output, target)

/** Operations of the U-Net's training step for one 256 × 256 image, counted from its kernels. */
async function flopsOf(
  explain: () => { kernels: readonly { flops: number }[] }[],
  call: () => Promise<unknown>,
): Promise<number> {
  await call()
  return explain()[0].kernels.reduce((sum, kernel) => sum + kernel.flops, 0)
}

/** The cases by name, made when they are wanted: each holds memory. */
export const cases: Record<string, () => Case | Promise<Case>> = {
  /** A step among many in one call, as in the study: rows are gathered and fed without coming back. */
  xor_step() {
    const net = xorNet()
    const train = trainingStep(net, new optim.SGD(net.parameters(), { lr: 0.1 }), bce)
    const [x, y] = [
      noise(1024, 2),
      fromArray(
        generator.uniform(1024).map((u) => (u < 0.5 ? 0 : 1)),
        [1024],
      ),
    ]
    const run = (n: number): Promise<number> => {
      const order = Int32Array.from({ length: n * 128 }, (_, i) => (i * 7) % 1024)
      return each(n, () => train.overBatches([x, y], { order, batchSize: 128 }))
    }
    return { name: 'xor_step', unit: 'step', repeats: 2000, run }
  },
  /** The same, one call a step. */
  xor_call: step('xor_call', 500, () => {
    const net = xorNet()
    const train = trainingStep(net, new optim.SGD(net.parameters(), { lr: 0.1 }), bce)
    const [x, y] = [
      noise(128, 2),
      fromArray(
        generator.uniform(128).map((u) => (u < 0.5 ? 0 : 1)),
        [128],
      ),
    ]
    return { call: () => train(x, y) }
  }),
  mlp_step: step('mlp_step', 200, () => {
    const net = mlpNet()
    const train = trainingStep(net, sgd(net), nll)
    const [x, y] = [noise(64, 784), classes(64)]
    return { call: () => train(x, y) }
  }),
  cnn_step: step('cnn_step', 60, () => {
    const net = cnnNet()
    const train = trainingStep(net, sgd(net), nll)
    const [x, y] = [noise(64, 1, 28, 28), classes(64)]
    return { call: () => train(x, y) }
  }),
  async unet_step() {
    const net = new Unet()
    const train = trainingStep(net, new optim.Adam(net.parameters(), { lr: 1e-4 }), mse)
    const [x, y] = [noise(8, 1, 256, 256), noise(8, 1, 256, 256)]
    const flops = await flopsOf(train.explain, () => train(x, y))
    return { name: 'unet_step', unit: 'step', repeats: 3, flops, run: (n) => median(n, () => train(x, y)) }
  },
  async unet_infer() {
    const net = new Unet()
    net.eval()
    const infer = compile((x: Tensor) => noGrad(() => net.forward(x)))
    const x = noise(8, 1, 256, 256)
    const flops = await flopsOf(infer.explain, () => infer(x))
    return { name: 'unet_infer', unit: 'batch', repeats: 3, flops, run: (n) => median(n, () => infer(x)) }
  },
  /** One pass over 60,000 images in memory through the data loader, shuffled, batch 64. */
  cnn_epoch() {
    const net = cnnNet()
    const train = trainingStep(net, sgd(net), nll)
    const set = new data.TensorDataset(noise(60000, 1, 28, 28), classes(60000))
    const run = async (n: number): Promise<number> => {
      const start = performance.now()
      for (let i = 0; i < n; i++) {
        for await (const [x, y] of new data.DataLoader(set, { batchSize: 64, shuffle: true })) await train(x, y)
      }
      return (performance.now() - start) / 1000 / n
    }
    return { name: 'cnn_epoch', unit: 'epoch', repeats: 1, run }
  },
}
