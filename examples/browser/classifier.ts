import { compile, manualSeed, nn, noGrad, optim, type Tensor } from '@trainyard/core'

/** A small network that tells two classes of points apart, with its training step. */
export class Classifier {
  readonly #step: (x: Tensor, y: Tensor) => Promise<Tensor>
  readonly #predict: (x: Tensor) => Promise<Tensor>

  constructor(seed: number) {
    manualSeed(seed)
    const model = new nn.Sequential(
      new nn.Linear(2, 24),
      new nn.Tanh(),
      new nn.Linear(24, 24),
      new nn.Tanh(),
      new nn.Linear(24, 1),
    )
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 })
    // Traced at the first call; afterwards forward, backward and update are one call into WebAssembly.
    this.#step = compile((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad()
      const loss = nn.functional.binaryCrossEntropyWithLogits(model.forward(x), y)
      loss.backward()
      optimizer.step()
      return loss
    })
    this.#predict = compile((x: Tensor) => noGrad(() => model.forward(x).sigmoid()))
  }

  /** Takes some steps and gives the last loss. */
  async train(x: Tensor, y: Tensor, steps: number): Promise<number> {
    let loss = await this.#step(x, y)
    for (let i = 1; i < steps; i++) loss = await this.#step(x, y)
    return loss.item()
  }

  /** The probability of the second class for each point. */
  async predict(x: Tensor): Promise<Float32Array> {
    return (await (await this.#predict(x)).data()) as Float32Array
  }
}
