import { optim } from '@trainyard/core'
import { xorNet } from '../models/networks.ts'
import { bce, trainingStep } from '../models/training.ts'
import type { Case } from './case.ts'
import { bits, noise } from './data.ts'

function makeStep() {
  const net = xorNet()
  return trainingStep(net, new optim.SGD(net.parameters(), { lr: 0.1 }), bce)
}

/** The XOR study's network, batch 128: its steps are so small that what stands around them counts. */
export const xorCases: readonly Case[] = [
  {
    // A step among many in one call, as in the study: rows are gathered and fed without coming back.
    name: 'xor_step',
    group: 'models',
    unit: 'step',
    repeats: 2000,
    variants: true,
    make() {
      const train = makeStep()
      const [x, y] = [noise(1024, 2), bits(1024)]
      return {
        async run(steps) {
          const order = Int32Array.from({ length: steps * 128 }, (_, i) => (i * 7) % 1024)
          const start = performance.now()
          await train.overBatches([x, y], { order, batchSize: 128 })
          return (performance.now() - start) / 1000 / steps
        },
      }
    },
  },
  {
    name: 'xor_call',
    group: 'models',
    unit: 'step, one a call',
    repeats: 500,
    make() {
      const train = makeStep()
      const [x, y] = [noise(128, 2), bits(128)]
      return { call: () => train(x, y) }
    },
  },
]
