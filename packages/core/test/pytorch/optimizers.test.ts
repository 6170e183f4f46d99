import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { compile, optim, type Tensor, tensor } from '@trainyard/core'
import { assertClose } from '../../src/testing/close.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

const make: Record<string, (parameters: Tensor[]) => optim.AnyOptimizer> = {
  sgd: (p) => new optim.SGD(p, { lr: 0.1 }),
  sgdMomentum: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 0.05 }),
  sgdNesterov: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.8, nesterov: true, weightDecay: 0.01 }),
  sgdMaximize: (p) => new optim.SGD(p, { lr: 0.01, momentum: 0.5, maximize: true }),
  adam: (p) => new optim.Adam(p, { lr: 0.05 }),
  adamDecay: (p) => new optim.Adam(p, { lr: 0.05, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1 }),
  adamAmsgrad: (p) => new optim.Adam(p, { lr: 0.3, betas: [0.5, 0.6], amsgrad: true }),
  adamw: (p) => new optim.AdamW(p, { lr: 0.05 }),
  rmsprop: (p) => new optim.RMSprop(p, { lr: 0.02 }),
  rmspropAll: (p) =>
    new optim.RMSprop(p, { lr: 0.02, alpha: 0.9, eps: 1e-3, weightDecay: 0.1, momentum: 0.7, centered: true }),
}

const tolerance = { absolute: 2e-6, relative: 2e-6 }

/** The two parameters of the recording and its step: the second has no gradient in the first two steps. */
function problem() {
  const a = tensor([0.5, -1.25, 2], { requiresGrad: true })
  const b = tensor([[0.25, -0.5]], { requiresGrad: true })
  const target = tensor([1, 0.5, -1])
  const loss = (both: boolean) => {
    const first = a.mul(a).sub(a.mul(target)).sum()
    return both ? first.add(b.mul(b).mul(b).sum()) : first
  }
  return { a, b, loss }
}

describe('optimizers step as PyTorch does', () => {
  for (const { name, steps, state } of read('optimizers.json')) {
    for (const compiled of [true, false]) {
      test(`${name}, ${compiled ? 'compiled' : 'eager'}`, async () => {
        const { a, b, loss } = problem()
        const optimizer = make[name]([a, b])
        const plain = (both: boolean) => {
          optimizer.zeroGrad()
          loss(both).backward()
          optimizer.step()
        }
        const step = compiled ? compile(plain) : async (both: boolean) => plain(both)
        for (const [i, expected] of steps.entries()) {
          await step(i >= 2)
          assertClose(await a.data(), expected.a, tolerance, `a after step ${i + 1}`)
          assertClose(await b.data(), expected.b, tolerance, `b after step ${i + 1}`)
        }
        for (const [number, slots] of Object.entries<Record<string, number[]>>(state)) {
          const own = optimizer.stateDict().state[number]
          for (const [slot, expected] of Object.entries(slots)) {
            const value = own[slot]
            const found = typeof value === 'number' ? [value] : await value.data()
            assertClose(found, expected, tolerance, `${slot} of parameter ${number}`)
          }
        }
      })
    }
  }
})

describe('schedules give the rates of PyTorch', () => {
  const recorded = read('schedules.json')
  const schedules: Record<string, (optimizer: optim.AnyOptimizer) => optim.Schedule> = {
    step: (o) => new optim.StepLR(o, 3, 0.5),
    multiStep: (o) => new optim.MultiStepLR(o, [2, 5, 5], 0.1),
    cosine: (o) => new optim.CosineAnnealingLR(o, 8, 0.01),
    oneCycle: (o) => new optim.OneCycleLR(o, 0.4, { totalSteps: 12 }),
    oneCycleLinear: (o) =>
      new optim.OneCycleLR(o, 0.4, {
        totalSteps: 12,
        pctStart: 0.25,
        annealStrategy: 'linear',
        divFactor: 10,
        threePhase: true,
        cycleMomentum: false,
      }),
    warmup: (o) => new optim.LinearWarmup(o, 4, { startFactor: 0.25 }),
  }
  for (const [name, create] of Object.entries(schedules)) {
    test(name, () => {
      const optimizer = new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 0.2, momentum: 0.9 })
      const schedule = create(optimizer)
      const [lrs, momenta] = [[] as number[], [] as number[]]
      for (let i = 0; i < 12; i++) {
        lrs.push(optimizer.paramGroups[0].lr)
        momenta.push(optimizer.paramGroups[0].momentum)
        schedule.step()
      }
      const near = { absolute: 2e-8, relative: 1e-6 }
      assertClose(lrs, recorded[name].lr, near, 'lr')
      assertClose(momenta, recorded[name].momentum, near, 'momentum')
    })
  }
  test('plateau', () => {
    const optimizer = new optim.SGD([tensor([0], { requiresGrad: true })], { lr: 0.2 })
    const schedule = new optim.ReduceLROnPlateau(optimizer, {
      factor: 0.5,
      patience: 1,
      cooldown: 1,
      threshold: 0.05,
      minLr: 0.03,
    })
    const lrs = recorded.plateau.losses.map((loss: number) => {
      schedule.step(loss)
      return optimizer.paramGroups[0].lr
    })
    assert.deepEqual(lrs, recorded.plateau.lr)
  })
})
