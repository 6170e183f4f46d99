import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  compile,
  createWasmBackend,
  fromArray,
  Generator,
  manualSeed,
  nn,
  optim,
  randn,
  reference,
  type Tensor,
  tensor,
  useBackend,
  zeros,
} from '../index.ts'
import { assertClose } from '../testing/close.ts'

const leaf = (values: Parameters<typeof tensor>[0]) => tensor(values, { requiresGrad: true })
const near = { absolute: 1e-6, relative: 1e-6 }

/** A model with a compiled training step whose traces are counted. */
function training(make: (parameters: Tensor[]) => optim.AnyOptimizer, seed = 1) {
  manualSeed(seed)
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2))
  const optimizer = make(model.parameters())
  const counter = { traces: 0 }
  const step = compile((x: Tensor) => {
    counter.traces++
    optimizer.zeroGrad()
    const loss = model.forward(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss
  })
  const weights = async () => (await Promise.all(model.parameters().map((p) => p.data()))).flatMap((w) => [...w])
  return { model, optimizer, step, counter, weights }
}

describe('in a compiled step', () => {
  test('nothing is traced again when rates change, and the new ones count', async () => {
    const { optimizer, step, counter, weights } = training((p) => new optim.Adam(p, { lr: 0.1 }))
    const x = tensor([[1, 2, 3]])
    for (let i = 0; i < 3; i++) await step(x)
    optimizer.paramGroups[0].lr = 0
    const before = await weights()
    await step(x)
    assert.deepEqual(await weights(), before)
    optimizer.paramGroups[0].lr = 0.1
    await step(x)
    assert.notDeepEqual(await weights(), before)
    assert.equal(counter.traces, 1)
  })
  test('an option that changes the operations is traced again', async () => {
    const { optimizer, step, counter } = training((p) => new optim.SGD(p, { lr: 0.1 }))
    const x = tensor([[1, 2, 3]])
    await step(x)
    optimizer.paramGroups[0].momentum = 0.9
    await step(x)
    await step(x)
    assert.equal(counter.traces, 2)
    assert.ok('momentum_buffer' in optimizer.stateDict().state[0])
  })
  test('a parameter that is frozen stays', async () => {
    const { model, step, counter } = training((p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }))
    const x = tensor([[1, 2, 3]])
    await step(x)
    const [first] = model.parameters()
    first.requiresGrad = false
    const before = await first.data()
    await step(x)
    assert.deepEqual(await first.data(), before)
    assert.equal(counter.traces, 2)
  })
  test('steps that a frozen parameter did not make are not counted for it', async () => {
    const start = [3, -2]
    const run = async (
      steps: (a: Tensor, b: Tensor) => { step(): Promise<unknown>; freeze(frozen: boolean): void },
    ) => {
      const [a, b] = [leaf(start), leaf(start)]
      const { step, freeze } = steps(a, b)
      for (let i = 0; i < 9; i++) {
        if (i === 2 || i === 7) freeze(i === 2)
        await step()
      }
      return [await a.data(), await b.data()]
    }
    const slope = (...list: Tensor[]) => list.map((w) => w.mul(w).sum()).reduce((x, y) => x.add(y))
    const together = await run((a, b) => {
      const optimizer = new optim.Adam([a, b], { lr: 0.1, betas: [0.5, 0.9] })
      const step = compile(() => {
        optimizer.zeroGrad()
        slope(a, b).backward()
        optimizer.step()
      })
      return {
        step,
        freeze: (frozen) => {
          b.requiresGrad = !frozen
        },
      }
    })
    const apart = await run((a, b) => {
      const each = [a, b].map((w) => {
        const optimizer = new optim.Adam([w], { lr: 0.1, betas: [0.5, 0.9] })
        return compile(() => {
          optimizer.zeroGrad()
          slope(w).backward()
          optimizer.step()
        })
      })
      let moving = each
      return {
        step: () => Promise.all(moving.map((step) => step())),
        freeze: (frozen) => {
          moving = frozen ? each.slice(0, 1) : each
        },
      }
    })
    together.forEach((weights, i) => {
      assertClose(weights, apart[i], near, `parameter ${i}`)
    })
  })
  test('a state whose parameters made different numbers of steps is taken over as it was', async () => {
    const make = () => {
      const parameters = [leaf([3, -2]), leaf([3, -2]), leaf([3, -2])]
      const optimizer = new optim.Adam(parameters, { lr: 0.1 })
      const step = compile(() => {
        optimizer.zeroGrad()
        const moving = parameters.filter((w) => w.requiresGrad)
        moving
          .map((w) => w.mul(w).sum())
          .reduce((x, y) => x.add(y))
          .backward()
        optimizer.step()
      })
      return { parameters, optimizer, step }
    }
    const saved = make()
    saved.parameters[2].requiresGrad = false
    await saved.step()
    await saved.step()
    saved.parameters[1].requiresGrad = false
    await saved.step()
    const state = saved.optimizer.stateDict()
    const stepsOf = (optimizer: optim.Optimizer<never>) =>
      [0, 1, 2].map((i) => optimizer.stateDict().state[i]?.step ?? 0)
    assert.deepEqual(stepsOf(saved.optimizer as never), [3, 2, 0])
    const { optimizer, step } = make()
    for (let i = 0; i < 5; i++) await step()
    optimizer.loadStateDict(state)
    assert.deepEqual(stepsOf(optimizer as never), [3, 2, 0])
    await step()
    assert.deepEqual(stepsOf(optimizer as never), [4, 3, 1])
  })
  test('two steps in one function count as two', async () => {
    const run = async (together: boolean) => {
      const w = leaf([1, -2])
      const optimizer = new optim.Adam([w], { lr: 0.1 })
      const once = () => {
        optimizer.zeroGrad()
        w.mul(w).sum().backward()
        optimizer.step()
      }
      const step = compile(() => {
        once()
        if (together) once()
      })
      for (let i = 0; i < (together ? 3 : 6); i++) await step()
      return { weights: await w.data(), steps: optimizer.stateDict().state[0].step }
    }
    const [single, double] = [await run(false), await run(true)]
    assertClose(double.weights, single.weights, near, 'weights')
    assert.equal(single.steps, 6)
    assert.equal(double.steps, 6)
  })
  test('a step with a condition changes nothing where it is false', async () => {
    const w = leaf([1, 2])
    const optimizer = new optim.Adam([w], { lr: 0.1 })
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad()
      const loss = w.mul(x).sum()
      loss.backward()
      optimizer.step({ when: loss.isNaN().logicalNot() })
      return loss
    })
    await step(tensor([1, 1]))
    const before = await w.data()
    const mean = await (optimizer.stateDict().state[0].exp_avg as Tensor).data()
    assert.ok(Number.isNaN(await (await step(tensor([Number.NaN, 1]))).item()))
    assert.deepEqual(await w.data(), before)
    assert.deepEqual(await (optimizer.stateDict().state[0].exp_avg as Tensor).data(), mean)
    await step(tensor([1, 1]))
    assert.notDeepEqual(await w.data(), before)
  })
  test('a rate that makes no sense stops the step before it changes anything', async () => {
    const { optimizer, step, weights } = training((p) => new optim.SGD(p, { lr: 0.1 }))
    const x = tensor([[1, 2, 3]])
    await step(x)
    const before = await weights()
    optimizer.paramGroups[0].lr = Number.NaN
    await assert.rejects(step(x), /SGD: lr must be a number of at least 0, got/)
    assert.deepEqual(await weights(), before)
  })
})

describe('a whole epoch in one call', () => {
  for (const backend of ['the default backend', 'the reference backend']) {
    test(`makes the steps that single calls make, on ${backend}`, async () => {
      const make = (parameters: Tensor[]) => new optim.Adam(parameters, { lr: 0.05 })
      const [single, together] = [training(make), training(make)]
      const rows = randn([12, 3])
      const order = new Generator(1).permutation(12)
      if (backend !== 'the default backend') useBackend(reference)
      try {
        const losses: number[] = []
        for (let i = 0; i < 12; i += 4) {
          const batch = rows.indexSelect(0, fromArray(order.subarray(i, i + 4), [4]))
          losses.push(await (await single.step(batch)).item())
        }
        const all = await together.step.overBatches([rows], { order, batchSize: 4 })
        assertClose(await all.data(), losses, near, 'losses')
        assertClose(await together.weights(), await single.weights(), near, 'weights')
        assert.equal(together.optimizer.stateDict().state[0].step, 3)
      } finally {
        useBackend(await createWasmBackend())
      }
    })
  }
})

describe('groups', () => {
  test('have options of their own', async () => {
    const [a, b, c] = [leaf([1]), leaf([1]), leaf([1])]
    const optimizer = new optim.SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1 })
    optimizer.addParamGroup({ params: [c], weightDecay: 1 })
    a.add(b).add(c).sum().backward()
    optimizer.step()
    assertClose(await a.data(), [0.9], near, 'a')
    assertClose(await b.data(), [0.5], near, 'b')
    assertClose(await c.data(), [0.8], near, 'c')
  })
})

describe('saving and loading', () => {
  const kinds: Record<string, (p: Tensor[]) => optim.AnyOptimizer> = {
    SGD: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.5 }),
    Adam: (p) => new optim.Adam(p, { lr: 0.05, amsgrad: true }),
    RMSprop: (p) => new optim.RMSprop(p, { lr: 0.01, momentum: 0.5, centered: true }),
  }
  for (const [name, make] of Object.entries(kinds)) {
    test(`${name} continues as if nothing had happened, also in a function that is compiled already`, async () => {
      const whole = training(make)
      const broken = training(make)
      const x = randn([5, 3])
      for (let i = 0; i < 3; i++) await whole.step(x)
      const saved = {
        model: await nn.copyState(whole.model.stateDict()),
        optimizer: structuredCopy(whole.optimizer.stateDict()),
      }
      for (let i = 0; i < 3; i++) await whole.step(x)
      for (let i = 0; i < 2; i++) await broken.step(x.mul(2))
      broken.model.loadStateDict(saved.model)
      broken.optimizer.loadStateDict(await saved.optimizer)
      for (let i = 0; i < 3; i++) await broken.step(x)
      assert.deepEqual(await broken.weights(), await whole.weights())
      assert.equal(broken.counter.traces, 1)
    })
  }
  test('what does not fit is said, and nothing is loaded', () => {
    const { optimizer } = training((p) => new optim.Adam(p, { lr: 0.1 }))
    const load = (state: unknown) => () => optimizer.loadStateDict(state as never)
    const group = { ...optimizer.stateDict().param_groups[0], lr: 0.7 }
    assert.throws(load({}), /must have "state" and "param_groups"/)
    assert.throws(load({ state: {}, param_groups: [group, group] }), /2 groups of parameters, 1 here/)
    assert.throws(load({ state: {}, param_groups: [{ params: [0] }] }), /group 0 has 1 parameters, 4 here/)
    assert.throws(load({ state: { 0: { step: 1 } }, param_groups: [group] }), /exp_avg of parameter 0 is missing/)
    const short = { step: 1, exp_avg: zeros([2]), exp_avg_sq: zeros([2]) }
    assert.throws(
      load({ state: { 0: short }, param_groups: [group] }),
      /exp_avg of parameter 0 is \[2\], the parameter \[4, 3\]/,
    )
    assert.throws(load({ state: {}, param_groups: [{ ...group, lr: -1 }] }), /Adam: lr must be/)
    assert.equal(optimizer.paramGroups[0].lr, 0.1)
    optimizer.loadStateDict({ state: {}, param_groups: [{ ...group, foreach: null, weight_decay: 0.2 }] })
    assert.equal(optimizer.paramGroups[0].lr, 0.7)
    assert.equal(optimizer.paramGroups[0].weightDecay, 0.2)
  })
  test('schedules continue', () => {
    const make = () => {
      const optimizer = new optim.SGD([leaf([0])], { lr: 0.1, momentum: 0.9 })
      const warmup = new optim.LinearWarmup(optimizer, 3)
      const cosine = new optim.CosineAnnealingLR(optimizer, 10)
      return { optimizer, schedule: new optim.SequentialLR(optimizer, [warmup, cosine], [3]) }
    }
    const [a, b] = [make(), make()]
    for (let i = 0; i < 7; i++) a.schedule.step()
    b.schedule.loadStateDict(JSON.parse(JSON.stringify(a.schedule.stateDict())))
    assert.deepEqual(b.schedule.lastLr, a.schedule.lastLr)
    a.schedule.step()
    b.schedule.step()
    assert.deepEqual(b.schedule.lastLr, a.schedule.lastLr)
    assert.throws(() => b.schedule.loadStateDict({ lastEpoch: 1.5, baseLrs: [0.1] }), /does not fit this SequentialLR/)
    const plateau = new optim.ReduceLROnPlateau(b.optimizer)
    plateau.step(1)
    const other = new optim.ReduceLROnPlateau(a.optimizer)
    other.loadStateDict(JSON.parse(JSON.stringify(plateau.stateDict())))
    assert.deepEqual(other.stateDict(), plateau.stateDict())
    assert.throws(() => other.loadStateDict({}), /does not fit this ReduceLROnPlateau/)
  })
})

describe('clipping', () => {
  test('by norm', async () => {
    const [a, b, none] = [leaf([3]), leaf([0, 4]), leaf([1])]
    const give = () => {
      a.grad = tensor([3])
      b.grad = tensor([0, 4])
    }
    give()
    assert.equal(await optim.clipGradNorm([a, b, none], 1).item(), 5)
    assertClose(await b.grad!.data(), [0, 0.8], near, 'shortened')
    give()
    optim.clipGradNorm([a, b], 10)
    assertClose(await b.grad!.data(), [0, 4], near, 'short enough already')
    assert.equal(await optim.clipGradNorm([a, b], 10, { normType: Number.POSITIVE_INFINITY }).item(), 4)
    assert.equal(await optim.clipGradNorm([a, b], 10, { normType: 1 }).item(), 7)
    assert.equal(await optim.clipGradNorm([none], 1).item(), 0)
    assert.throws(() => optim.clipGradNorm([a], -1), /maxNorm must be a number of at least 0/)
  })
  test('by value', async () => {
    const a = leaf([1, 2, 3])
    a.grad = tensor([-5, 0.5, 5])
    optim.clipGradValue([a], 1)
    assert.deepEqual(await a.grad.toArray(), [-1, 0.5, 1])
  })
})

describe('hyper-parameters are checked', () => {
  const p = () => [leaf([1])]
  const o = () => new optim.SGD(p(), { lr: 0.1 })
  const cases: [() => unknown, RegExp][] = [
    [() => new optim.SGD([], { lr: 0.1 }), /SGD: there are no parameters/],
    [() => new optim.SGD(p(), { lr: -1 }), /SGD: lr must be a number of at least 0, got -1/],
    [() => new optim.SGD(p(), { lr: '0.1' as never }), /SGD: lr must be a number of at least 0, got "0.1"/],
    [() => new optim.SGD(p(), { momentum: -0.5 }), /SGD: momentum must be/],
    [() => new optim.SGD(p(), { nesterov: true }), /nesterov needs a momentum above 0/],
    [() => new optim.Adam(p(), { betas: [0.9, 1] }), /Adam: betas\[1\] must be a number from 0 to below 1, got 1/],
    [() => new optim.Adam(p(), { betas: 0.9 as never }), /betas must be a pair of numbers, got 0.9/],
    [() => new optim.AdamW(p(), { weightDecay: -1 }), /AdamW: weightDecay/],
    [() => new optim.RMSprop(p(), { alpha: 2 }), /RMSprop: alpha must be a number from 0 to 1, got 2/],
    [() => new optim.SGD([1 as never]), /parameters must be tensors, or groups .*, got 1$/],
    [
      () => {
        const [w] = p()
        return new optim.SGD([w, w])
      },
      /is listed twice/,
    ],
    [() => new optim.StepLR(o(), 0), /StepLR: stepSize must be an integer of at least 1, got 0/],
    [() => new optim.MultiStepLR(o(), [1.5]), /milestones must be numbers of epochs/],
    [() => new optim.CosineAnnealingLR(o(), -1), /total must be an integer/],
    [() => new optim.OneCycleLR(o(), 1, { totalSteps: 10, pctStart: 2 }), /pctStart must be a number/],
    [() => new optim.ReduceLROnPlateau(o(), { factor: 1 }), /factor must be/],
    [() => new optim.SequentialLR(o(), [], []), /want 0 rising milestones/],
  ]
  for (const [mistake, message] of cases) test(String(message), () => assert.throws(mistake, message))
})

/** The state with copies of its tensors. */
async function structuredCopy(state: optim.OptimizerState): Promise<optim.OptimizerState> {
  const entries = Object.entries(state.state).map(async ([number, slots]) => {
    const copied = Object.entries(slots).map(async ([name, value]) => [
      name,
      typeof value === 'number' ? value : (await nn.copyState({ value })).value,
    ])
    return [number, Object.fromEntries(await Promise.all(copied))]
  })
  return { state: Object.fromEntries(await Promise.all(entries)), param_groups: state.param_groups }
}
