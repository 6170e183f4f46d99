import { type CompiledFunction, compile, noGrad, optim, type Tensor } from '@trainyard/core'
import { mse, trainingStep } from '../models/training.ts'
import { Unet } from '../models/unet.ts'
import type { Case, Made } from './case.ts'
import { noise } from './data.ts'

/** Operations of the program, counted from its kernels. */
function flopsOf(compiled: Pick<CompiledFunction<never, unknown>, 'explain'>): number {
  return compiled.explain()[0].kernels.reduce((sum, kernel) => sum + kernel.flops, 0)
}

function makeStep(batch: number) {
  const net = new Unet()
  const train = trainingStep(net, new optim.Adam(net.parameters(), { lr: 1e-4 }), mse)
  const [x, y] = [noise(batch, 1, 256, 256), noise(batch, 1, 256, 256)]
  return { train, call: () => train(x, y) }
}

async function step(): Promise<Made> {
  const { train, call } = makeStep(8)
  await call()
  return { flops: flopsOf(train), call }
}

async function inference(): Promise<Made> {
  const net = new Unet()
  net.eval()
  const infer = compile((x: Tensor) => noGrad(() => net.forward(x) as Tensor))
  const x = noise(8, 1, 256, 256)
  await infer(x)
  return { flops: flopsOf(infer), call: () => infer(x) }
}

/** The first step of a process: tracing, compiling, running. Then that of another network of the same shapes. */
function firstStep(): Made {
  const details: Record<string, number> = {}
  return {
    details,
    async run() {
      const timeFirst = async (): Promise<number> => {
        const { call } = makeStep(8)
        const start = performance.now()
        await call()
        return (performance.now() - start) / 1000
      }
      const first = await timeFirst()
      details['another network of the same shapes'] = await timeFirst()
      return first
    },
  }
}

/** What a step at batch 16 needs: by its plan, and the process at its peak. */
function memory(): Made {
  const { train, call } = makeStep(16)
  const plannedBytes = (): number => {
    const [{ arenaBytes, bufferBytes, resultBytes }] = train.explain()
    return arenaBytes + bufferBytes + resultBytes
  }
  return { call, plannedBytes }
}

/** The layers of smp.Unet('efficientnet-b0'), batch 8 of 1 × 256 × 256. */
export const unetCases: readonly Case[] = [
  { name: 'unet_step', group: 'models', unit: 'step', repeats: 3, variants: true, make: step },
  { name: 'unet_infer', group: 'models', unit: 'batch', repeats: 3, variants: true, make: inference },
  { name: 'unet_first', group: 'start', unit: 'first step', repeats: 1, rounds: 3, cold: true, make: firstStep },
  { name: 'unet_memory', group: 'start', unit: 'first step', repeats: 1, rounds: 1, cold: true, make: memory },
]
