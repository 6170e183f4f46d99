import { data, defaultGenerator, Generator, nn, optim, tensor } from '@trainyard/core'
import { Trainer, type TrainerOptions } from '../index.ts'

/** A training with everything in it that has a state: shuffled batches, dropout, batch norm, momentum, a schedule. */
export function resumableTraining(seed: number, options: Partial<TrainerOptions> = {}) {
  defaultGenerator.manualSeed(seed)
  const generator = new Generator(5)
  const points = Array.from({ length: 50 }, () => [...generator.uniform(2)])
  const set = new data.TensorDataset(tensor(points), tensor(points.map(([a, b]) => [a * b])))
  const model = new nn.Sequential(
    new nn.Linear(2, 6, { generator }),
    new nn.BatchNorm1d(6),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(6, 1, { generator }),
  )
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 })
  const trainer = new Trainer({
    model,
    optimizer,
    loss: new nn.MSELoss(),
    schedule: new optim.StepLR(optimizer, 2, 0.7),
    progress: false,
    ...options,
  })
  const loader = set.loader({ batchSize: 8, shuffle: true, seed: 9 })
  const validation = set.loader({ batchSize: 25 })
  return { model, optimizer, trainer, loader, validation }
}
