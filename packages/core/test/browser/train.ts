import {
  compile,
  createWasmBackend,
  fromArray,
  Generator,
  manualSeed,
  nn,
  optim,
  type Tensor,
  useBackend,
} from '../../src/index.ts'

/** What the same training gives: a hash of every bit of the weights and of what they then predict, and the last loss. */
export interface Outcome {
  readonly hash: string
  readonly loss: number
  readonly threads: number
}

/** Trains the XOR net for 100 steps in the strict flavour. */
export async function trainXor(threads: number): Promise<Outcome> {
  manualSeed(3)
  const net = new nn.Sequential(
    new nn.Linear(2, 3),
    new nn.Tanh(),
    new nn.Linear(3, 3),
    new nn.Tanh(),
    new nn.Linear(3, 1),
  )
  const bits = new Generator(5).uniform(256)
  const points = bits.map((u) => (u < 0.5 ? 0 : 1))
  const labels = Float32Array.from({ length: 128 }, (_, i) => (points[2 * i] !== points[2 * i + 1] ? 1 : 0))
  const x = fromArray(
    points.map((p, i) => p + 0.1 * (bits[i] - 0.5)),
    [128, 2],
  )
  return train(
    threads,
    100,
    net,
    new optim.SGD(net.parameters(), { lr: 0.1 }),
    x,
    fromArray(labels, [128]),
    (logits, y) => nn.functional.binaryCrossEntropyWithLogits(logits.reshape([128]), y),
  )
}

/** Trains the convolutional net of the MNIST study for 20 steps on noise, with dropout, in the strict flavour. */
export async function trainCnn(threads: number): Promise<Outcome> {
  manualSeed(4)
  const net = new nn.Sequential(
    new nn.Conv2d(1, 16, 3),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3),
    new nn.SiLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Dropout(0.1),
    new nn.Linear(800, 10),
    new nn.LogSoftmax(1),
  )
  const images = fromArray(new Generator(6).uniform(64 * 784), [64, 1, 28, 28])
  const labels = fromArray(
    Int32Array.from({ length: 64 }, (_, i) => i % 10),
    [64],
  )
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.002 })
  return train(threads, 20, net, optimizer, images, labels, (logProbs, y) => nn.functional.nllLoss(logProbs, y))
}

async function train(
  threads: number,
  steps: number,
  net: nn.Sequential,
  optimizer: optim.Optimizer,
  x: Tensor,
  y: Tensor,
  criterion: (output: Tensor, y: Tensor) => Tensor,
): Promise<Outcome> {
  // Predictions go slice by slice, whatever their size.
  useBackend(await createWasmBackend({ threads, strict: true, sliceAbove: 0 }))
  const step = compile((images: Tensor, labels: Tensor) => {
    optimizer.zeroGrad()
    const loss = criterion(net.forward(images) as Tensor, labels)
    loss.backward()
    optimizer.step()
    return loss
  })
  let loss = Number.NaN
  for (let i = 0; i < steps; i++) loss = await (await step(x, y)).item()
  // FNV-1a over the bits of all weights and buffers.
  let hash = 0x811c9dc5
  net.eval()
  const predict = compile((images: Tensor) => net.forward(images) as Tensor)
  const predictions = [await predict(x), await predict(x), await predict(x)]
  for (const tensor of [...Object.values(net.stateDict()), ...predictions]) {
    const data = await tensor.data()
    for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
  }
  return { hash: (hash >>> 0).toString(16), loss, threads }
}
