/**
 * Whether data ever keep the study of X-rays waiting: seconds a step of the study's loop (films read ahead, augmented in
 * worker threads, logged) beside the bare training step on one batch that is there already. In turn, so that whatever else
 * the machine does meets both: `node --conditions=trainyard-source bench/studyPace.ts [SIZE] [BATCH] [ROUNDS]`.
 */
import { compile, Generator, optim, type Tensor } from '@trainyard/core'
import { Trainer } from '@trainyard/train'
import {
  intoMemory,
  LIGHT_AUGMENTATION,
  SegmentationBatches,
  SegmentationSet,
  segmentationObjective,
  Unet,
} from '@trainyard/vision'

const [size, batchSize, rounds] = [256, 8, 6].map((value, i) => Number(process.argv[2 + i] ?? value))
const steps = 6
const phantoms = new SegmentationSet({ kind: 'phantoms', count: steps * batchSize, width: size, height: size, seed: 0 })
const films = await intoMemory(phantoms)
const { loss } = segmentationObjective('bce+dice')

const bareModel = new Unet({ generator: new Generator(1) })
const bareOptimizer = new optim.Adam(bareModel.parameters(), { lr: 1e-4 })
const bare = compile((images: Tensor, masks: Tensor) => {
  bareOptimizer.zeroGrad()
  const value = loss(bareModel.forward(images), masks)
  value.backward()
  bareOptimizer.step()
  return value
})
const still = new SegmentationBatches(films, { batchSize, workers: 0 })
const [images, masks] = (await still[Symbol.asyncIterator]().next()).value!

async function bareRound(): Promise<number> {
  const started = performance.now()
  for (let step = 0; step < steps; step++) await (await bare(images, masks)).item()
  return (performance.now() - started) / 1000 / steps
}

const model = new Unet({ generator: new Generator(1) })
let since = 0
let seconds: number[] = []
const trainer = new Trainer({
  model,
  optimizer: new optim.Adam(model.parameters(), { lr: 1e-4 }),
  loss,
  progress: false,
  preciseBatchNorm: false,
  logger: { log: () => {} },
  callbacks: [
    {
      onEpochStart: () => {
        since = performance.now()
      },
      onStep: () => {
        const now = performance.now()
        seconds.push((now - since) / 1000)
        since = now
      },
    },
  ],
})
const moving = new SegmentationBatches(films, {
  batchSize,
  shuffle: true,
  seed: 1,
  augmentations: LIGHT_AUGMENTATION,
})

/** The mean of one epoch: the wait for its first batch included. */
async function studyRound(epoch: number): Promise<number> {
  seconds = []
  await trainer.fit(moving, { epochs: epoch })
  return seconds.reduce((sum, one) => sum + one, 0) / seconds.length
}

// Programs are made, and kernels warm up.
await bareRound()
await studyRound(1)
const pairs: { bare: number; study: number }[] = []
for (let round = 0; round < rounds; round++) {
  const alone = await bareRound()
  pairs.push({ bare: alone, study: await studyRound(round + 2) })
}
const middle = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]
const share = middle(pairs.map(({ bare: alone, study }) => alone / study))
const second = (list: number[]) => `${middle(list).toFixed(3)} s`
console.log(
  `${size} × ${size}, batches of ${batchSize}: bare step ${second(pairs.map((pair) => pair.bare))}, study ${second(pairs.map((pair) => pair.study))} a step; the study keeps ${(100 * share).toFixed(0)} % of the bare throughput`,
)
await moving.close()
process.exit()
