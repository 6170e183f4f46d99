import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compile, manualSeed, nn, ones, type Tensor, tensor, zeros } from '../index.ts'

class Block extends nn.Module {
  convIn = new nn.Conv2d(2, 4, 3, { padding: 'same' })
  norm = new nn.BatchNorm2d(4)
  forward(x: Tensor): Tensor {
    return this.norm.forward(this.convIn.forward(x)).relu()
  }
}

class Net extends nn.Module {
  blocks = [new Block(), new nn.Conv2d(4, 2, 1, { bias: false })]
  scale = new nn.Parameter(ones([2]))
  steps = new nn.Buffer(zeros([1]), { persistent: false })
  notAModule = 7
  #hidden = new nn.Linear(2, 2)
  forward(x: Tensor): Tensor {
    void this.#hidden
    return this.blocks.reduce((y: Tensor, block) => block.forward(y), x)
  }
}

describe('registration', () => {
  test('fields and lists, with keys in snake case, as PyTorch would name them', () => {
    assert.deepEqual(Object.keys(new Net().stateDict()), [
      'scale',
      'blocks.0.conv_in.weight',
      'blocks.0.conv_in.bias',
      'blocks.0.norm.weight',
      'blocks.0.norm.bias',
      'blocks.0.norm.running_mean',
      'blocks.0.norm.running_var',
      'blocks.0.norm.num_batches_tracked',
      'blocks.1.weight',
    ])
  })
  test('parameters, buffers and modules, each once', () => {
    const net = new Net()
    assert.equal(net.parameters().length, 6)
    assert.equal(net.buffers().length, 4)
    assert.deepEqual(
      [...net.namedModules()].map(([key]) => key),
      ['', 'blocks.0', 'blocks.0.conv_in', 'blocks.0.norm', 'blocks.1'],
    )
    assert.equal(net.children().length, 2)
    const shared = new nn.Linear(3, 3)
    const twice = new nn.Sequential(shared, new nn.ReLU(), shared)
    assert.equal(twice.parameters().length, 2)
    assert.deepEqual(Object.keys(twice.stateDict()), ['0.weight', '0.bias', '2.weight', '2.bias'])
    assert.equal(twice.modules().length, 3)
  })
  test('parameters want gradients, and can be frozen', () => {
    const net = new Net()
    assert.ok(net.parameters().every((p) => p.requiresGrad))
    assert.ok(
      net
        .setRequiresGrad(false)
        .parameters()
        .every((p) => !p.requiresGrad),
    )
  })
  test('printing shows the tree with sizes', () => {
    assert.equal(
      String(new nn.Sequential(new nn.Conv2d(1, 16, 3, { stride: 2 }), new nn.Sequential(new nn.ReLU()))),
      'Sequential(\n  (0): Conv2d(1, 16, kernelSize=[3, 3], stride=[2, 2])\n  (1): Sequential(\n    (0): ReLU()\n  )\n)',
    )
  })
})

describe('state dicts', () => {
  test('weights move from one model to another', async () => {
    const [a, b] = [new nn.Linear(3, 2), new nn.Linear(3, 2)]
    const x = tensor([[1, 2, 3]])
    assert.notDeepEqual(await a.forward(x).data(), await b.forward(x).data())
    assert.deepEqual(b.loadStateDict(a.stateDict()), { missing: [], unexpected: [] })
    assert.deepEqual(await a.forward(x).data(), await b.forward(x).data())
  })
  test('everything that does not fit is named, and nothing is loaded', async () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 1))
    const before = await nn.copyState(net.stateDict())
    const { '1.bias': _, ...rest } = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(4, 1)).stateDict()
    const wrong = { ...rest, 'head.weight': zeros([1]) }
    assert.throws(
      () => net.loadStateDict(wrong),
      (error: InstanceType<typeof nn.StateDictError>) => {
        assert.deepEqual(error.missing, ['1.bias'])
        assert.deepEqual(error.unexpected, ['head.weight'])
        assert.deepEqual(error.mismatched, ['1.weight is [1, 3], given [1, 4]'])
        assert.match(
          error.message,
          /nothing was loaded: missing 1.bias; unexpected head.weight; shapes differ: 1.weight/,
        )
        assert.ok(!error.message.includes('\n'))
        return true
      },
    )
    assert.throws(() => net.loadStateDict(wrong, { strict: false }), /shapes differ/)
    for (const [key, tensor] of Object.entries(net.stateDict())) {
      assert.deepEqual(await tensor.data(), await before[key].data(), key)
    }
    const result = net.loadStateDict({ '0.bias': ones([3]), extra: ones([1]) }, { strict: false })
    assert.deepEqual(result, { missing: ['0.weight', '1.weight', '1.bias'], unexpected: ['extra'] })
    assert.deepEqual(await net.stateDict()['0.bias'].toArray(), [1, 1, 1])
  })
  test('a state dict follows the training, a copy does not', async () => {
    const layer = new nn.Linear(1, 1)
    const live = layer.stateDict()
    const copy = await nn.copyState(live)
    layer.weight.assign(tensor([[42]]))
    await layer.weight.data()
    assert.equal(await live.weight.item(), 42)
    assert.notEqual(await copy.weight.item(), 42)
  })
  test('loading while a compiled function is in use', async () => {
    const layer = new nn.Linear(1, 1, { bias: false })
    const run = compile((x: Tensor) => layer.forward(x))
    await run(ones([1, 1]))
    layer.loadStateDict({ weight: tensor([[5]]) })
    assert.equal(await (await run(ones([1, 1]))).item(), 5)
  })
})

describe('modes', () => {
  test('a compiled function is traced once for each mode', async () => {
    let traces = 0
    const net = new nn.Sequential(new nn.Dropout(0.5), new nn.BatchNorm1d(2))
    const run = compile((x: Tensor) => {
      traces++
      return net.forward(x)
    })
    const x = tensor([[1, 2], [3, 4]]) // biome-ignore format: one row
    await run(x)
    net.eval()
    await run(x)
    net.train()
    await run(x)
    net.eval()
    await run(x)
    assert.equal(traces, 2)
    assert.ok(net.modules().every((module) => !module.training))
  })
  test('evaluation never changes a buffer', async () => {
    const norm = new nn.BatchNorm2d(3)
    await norm.forward(ones([2, 3, 2, 2])).data()
    norm.eval()
    const before = await nn.copyState(norm.stateDict())
    const evaluate = compile((x: Tensor) => norm.forward(x))
    await evaluate(ones([5, 3, 1, 1]).mul(9))
    await norm.forward(ones([5, 3, 1, 1]).mul(9)).data()
    for (const [key, tensor] of Object.entries(norm.stateDict())) {
      assert.deepEqual(await tensor.data(), await before[key].data(), key)
    }
    assert.equal(await norm.numBatchesTracked!.item(), 1)
  })
})

describe('layers', () => {
  test("first weights are PyTorch's distributions, the same for the same seed", async () => {
    manualSeed(4)
    const conv = new nn.Conv2d(8, 32, 3)
    const weights = await conv.weight.data()
    const bound = 1 / Math.sqrt(8 * 9)
    assert.ok(weights.every((w) => Math.abs(w) <= bound))
    assert.ok(Math.max(...weights) > 0.98 * bound && Math.min(...weights) < -0.98 * bound)
    assert.ok((await conv.bias!.data()).every((b) => Math.abs(b) <= bound))
    manualSeed(4)
    assert.deepEqual(await new nn.Conv2d(8, 32, 3).weight.data(), weights)
    const table = Float64Array.from(await new nn.Embedding(500, 20, { paddingIndex: -1 }).weight.data())
    const mean = table.reduce((a, b) => a + b) / table.length
    const variance = table.reduce((sum, x) => sum + (x - mean) ** 2, 0) / table.length
    assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.04, `${mean} ${variance}`)
    assert.ok(table.slice(-20).every((x) => x === 0))
  })
  test('initialisers', async () => {
    const weight = () => new nn.Parameter(zeros([400, 100]))
    const deviation = async (tensor: Tensor) => await tensor.std().item()
    assert.ok(
      Math.abs((await deviation(nn.init.kaimingNormal(weight(), { nonlinearity: 'relu' }))) - Math.sqrt(2 / 100)) <
        2e-3,
    )
    assert.ok(Math.abs((await deviation(nn.init.xavierUniform(weight()))) - Math.sqrt(2 / 500)) < 1e-3)
    assert.ok(
      Math.abs((await deviation(nn.init.kaimingUniform(weight(), { mode: 'fanOut' }))) - Math.sqrt(2 / 400)) < 1e-3,
    )
    assert.equal(await nn.init.constant(weight(), 3).mean().item(), 3)
    assert.throws(() => nn.init.xavierNormal(zeros([3])), /weight of at least two axes, got \[3\]/)
    assert.throws(() => nn.init.gainOf('swish' as never), /unknown nonlinearity "swish"/)
  })
  test('errors say in which layer of a chain, by its key', () => {
    const net = new nn.Sequential(new nn.Flatten(), new nn.Sequential(new nn.ReLU(), new nn.Linear(5, 2)))
    assert.throws(
      () => net.forward(zeros([2, 3, 2])),
      /^ShapeError: layer 1\.1 \(Linear\): linear: wants 5 inputs on the last axis, got \[2, 6\]/,
    )
  })
  test('wrong sizes are refused when a layer is made', () => {
    assert.throws(() => new nn.Linear(0, 3), /Linear: inFeatures must be an integer of at least 1, got 0/)
    assert.throws(() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /3 input and 4 output channels cannot be split into 2/)
    assert.throws(() => new nn.Conv2d(3, 4, [3, 0]), /Conv2d: kernelSize must be an integer of at least 1/)
    assert.throws(() => new nn.Conv2d(3, 4, 3, { padding: -1 }), /padding must be an integer of at least 0/)
    assert.throws(() => new nn.BatchNorm2d(3, { momentum: 2 }), /momentum must be from 0 to 1/)
    assert.throws(() => new nn.Embedding(3, 2, { paddingIndex: 3 }), /paddingIndex 3 is not a row of 3/)
    assert.throws(() => new nn.MaxPool2d(0), /MaxPool2d: kernelSize/)
    assert.throws(() => new nn.BatchNorm2d(3).forward(zeros([2, 4, 1, 1])), /wants 3 channels on axis 1/)
    assert.throws(() => new nn.BatchNorm2d(3).forward(zeros([2, 3])), /BatchNorm2d: wants images/)
    assert.throws(() => new nn.ModuleList([new nn.ReLU()]).forward(), /has no forward/)
    assert.throws(() => new nn.Sequential().at(0), /there is no layer 0 among 0/)
  })
  test('a network learns in a compiled step', async () => {
    manualSeed(0)
    const net = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1))
    const loss = new nn.BCEWithLogitsLoss()
    const step = compile((x: Tensor, y: Tensor) => {
      for (const p of net.parameters()) p.grad = null
      const value = loss.forward(net.forward(x).squeeze(1), y)
      value.backward()
      for (const p of net.parameters()) p.assign(p.sub(p.grad!.mul(1)))
      return value
    })
    const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]) // biome-ignore format: one row
    const y = tensor([0, 1, 1, 0])
    let last = Number.NaN
    for (let i = 0; i < 300; i++) last = await (await step(x, y)).item()
    assert.ok(last < 0.05, `${last}`)
  })
})

test('weights drawn anew are not seen by what was recorded before', async () => {
  const layer = new nn.Linear(2, 2)
  const x = tensor([[1, 2]])
  const before = await layer.forward(x).data()
  const recorded = layer.forward(x)
  layer.resetParameters()
  assert.deepEqual(await recorded.data(), before)
  assert.notDeepEqual(await layer.forward(x).data(), before)
})
