import { compile, fromArray, Generator, nn, noGrad, optim, type Tensor } from '@trainyard/core'
import type { XorData } from './data.ts'
import { resetWeights, xorModel } from './model.ts'

/** How a network is trained. */
export interface XorTraining {
  readonly learningRate: number
  readonly batchSize: number
  readonly epochs: number
}

/** What came out of training one network. */
export interface XorOutcome {
  /** Share of the test points on the right side. */
  readonly accuracy: number
  /** Mean loss on the test points. */
  readonly loss: number
  /** Mean loss over the training points, epoch by epoch, as seen while training. */
  readonly curve: Float32Array
  /** Probability of class 1 on the grid of the picture. */
  readonly surface: Float32Array
}

/**
 * Trains networks of one shape, one after another. They share their programs: a repeat draws new weights into the same
 * memory, so that a hundred small networks are compiled once.
 */
export class XorTrainer {
  readonly model: nn.Sequential
  readonly #train: XorData
  readonly #test: XorData
  readonly #grid: Tensor
  readonly #optimizer: optim.SGD
  readonly #step
  readonly #evaluate
  readonly #probability

  constructor(depth: number, width: number, data: { train: XorData; test: XorData; grid: Tensor }) {
    const model = xorModel(depth, width)
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
    const logitsOf = (points: Tensor) => model.forward(points).squeeze(1)
    this.#step = compile((points: Tensor, labels: Tensor) => {
      optimizer.zeroGrad()
      const loss = nn.functional.binaryCrossEntropyWithLogits(logitsOf(points), labels)
      loss.backward()
      optimizer.step()
      return loss
    })
    this.#evaluate = compile((points: Tensor, labels: Tensor) =>
      noGrad(() => {
        const logits = logitsOf(points)
        const right = logits.sigmoid().ge(0.5).eq(labels.gt(0.5)).cast('int32').sum()
        return [right, nn.functional.binaryCrossEntropyWithLogits(logits, labels)]
      }),
    )
    this.#probability = compile((points: Tensor) => noGrad(() => logitsOf(points).sigmoid()))
    this.model = model
    this.#optimizer = optimizer
    this.#train = data.train
    this.#test = data.test
    this.#grid = data.grid
  }

  /** Trains a new network whose weights and order of points come from the seed. */
  async run({ learningRate, batchSize, epochs }: XorTraining, seed: number): Promise<XorOutcome> {
    const generator = new Generator(seed)
    resetWeights(this.model, generator)
    for (const group of this.#optimizer.paramGroups) group.lr = learningRate
    const size = this.#train.points.shape[0]
    const whole = size - (size % batchSize)
    const curve = new Float32Array(epochs)
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = generator.permutation(size)
      let sum = 0
      // All full batches in one go; the last, shorter one is a batch as well.
      for (const part of [order.subarray(0, whole), order.subarray(whole)]) {
        if (part.length > 0) sum += await this.#pass(part, Math.min(batchSize, part.length))
      }
      curve[epoch] = sum / size
    }
    const [right, loss] = await this.#evaluate(this.#test.points, this.#test.labels)
    const accuracy = (await right.item()) / this.#test.labels.size
    const surface = (await (await this.#probability(this.#grid)).data()) as Float32Array
    return { accuracy, loss: await loss.item(), curve, surface }
  }

  /** Trains on batches of equal size; the sum of the points' losses. */
  async #pass(order: Int32Array, batchSize: number): Promise<number> {
    const { points, labels } = this.#train
    const losses = await (await this.#step.overBatches([points, labels], { order, batchSize })).data()
    let sum = 0
    for (const loss of losses) sum += loss * batchSize
    return sum
  }
}

/** The points at which the picture of a network is taken: `side` × `side`, rows from bottom to top. */
export function gridOf(low: number, high: number, side: number): Tensor {
  const at = (i: number) => low + ((high - low) * i) / (side - 1)
  const points = Float32Array.from({ length: side * side * 2 }, (_, i) => {
    const point = i >> 1
    return i % 2 === 0 ? at(point % side) : at(Math.floor(point / side))
  })
  return fromArray(points, [side * side, 2])
}
