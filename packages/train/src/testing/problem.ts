import { Generator, nn, optim, type Tensor, tensor } from '@trainyard/core'
import type { ProgressOutput } from '../progress/output.ts'

/** Batches of a small regression problem, the same for every test: y = x · [1, −2] + 0.5. */
export function lineBatches(count: number, size = 8): [Tensor, Tensor][] {
  const generator = new Generator(11)
  return Array.from({ length: count }, () => {
    const x = Array.from({ length: size }, () => [...generator.uniform(2)])
    return [tensor(x), tensor(x.map(([a, b]) => [a - 2 * b + 0.5]))]
  })
}

/** A small model whose weights are always the same, with an optimizer that has a state. */
export function smallModel(lr = 0.05, dropout = 0.1) {
  const generator = new Generator(3)
  const model = new nn.Sequential(
    new nn.Linear(2, 8, { generator }),
    new nn.Tanh(),
    new nn.Dropout(dropout),
    new nn.Linear(8, 1, { generator }),
  )
  const optimizer = new optim.SGD(model.parameters(), { lr, momentum: 0.9 })
  return { model, optimizer, loss: new nn.MSELoss() }
}

/** All numbers of a model, parameters and buffers. */
export async function numbersOf(model: nn.AnyModule): Promise<{ [key: string]: number[] }> {
  const numbers: { [key: string]: number[] } = {}
  for (const [key, tensor] of Object.entries(model.stateDict())) numbers[key] = [...(await tensor.data())]
  return numbers
}

/** Keeps what is written to it. */
export class Written implements ProgressOutput {
  text = ''
  readonly isTTY: boolean
  readonly columns = 120

  constructor(isTTY = false) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.text += text
  }
}
