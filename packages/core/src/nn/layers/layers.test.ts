import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromArray, nn, ones, type Tensor, tensor, zeros } from '../../index.ts'
import { drawElements } from '../../testing/elements.ts'

const F = nn.functional
const random = (shape: number[]) => fromArray(drawElements({ shape, range: [-4, 4] }, 1), shape)

describe('a layer does what the function of its name does', () => {
  const image = random([2, 3, 6, 6])
  const cases: [nn.Module, (x: Tensor) => Tensor][] = [
    [new nn.ReLU(), F.relu],
    [new nn.ReLU6(), F.relu6],
    [new nn.LeakyReLU(0.3), (x) => F.leakyRelu(x, 0.3)],
    [new nn.ELU(2), (x) => F.elu(x, 2)],
    [new nn.Tanh(), F.tanh],
    [new nn.Sigmoid(), F.sigmoid],
    [new nn.LogSigmoid(), F.logSigmoid],
    [new nn.SiLU(), F.silu],
    [new nn.GELU(), F.gelu],
    [new nn.GELU('tanh'), (x) => F.gelu(x, 'tanh')],
    [new nn.Softplus(2, 3), (x) => F.softplus(x, 2, 3)],
    [new nn.Mish(), F.mish],
    [new nn.Hardsigmoid(), F.hardsigmoid],
    [new nn.Hardswish(), F.hardswish],
    [new nn.Hardtanh(-2, 1), (x) => F.hardtanh(x, -2, 1)],
    [new nn.Softmax(1), (x) => F.softmax(x, 1)],
    [new nn.LogSoftmax(-1), (x) => F.logSoftmax(x, -1)],
    [new nn.Identity(), (x) => x],
    [new nn.Flatten(), (x) => x.reshape([2, 108])],
    [new nn.Flatten(0, 1), (x) => x.reshape([6, 6, 6])],
    [new nn.MaxPool2d(3, { stride: 2, padding: 1 }), (x) => F.maxPool2d(x, 3, { stride: 2, padding: 1 })],
    [new nn.AvgPool2d([2, 3]), (x) => F.avgPool2d(x, [2, 3])],
    [new nn.AdaptiveAvgPool2d(4), (x) => F.adaptiveAvgPool2d(x, 4)],
    [
      new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
      (x) => F.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }),
    ],
  ]
  for (const [layer, fn] of cases) {
    test(String(layer), async () => assert.deepEqual(await layer.forward(image).data(), await fn(image).data()))
  }
  test('losses', async () => {
    const [x, y] = [random([4, 3]), random([4, 3]).abs()]
    const labels = tensor([0, 2, 1, 1], { dtype: 'int32' })
    const weight = tensor([1, 2, 3])
    const losses: [Tensor, Tensor][] = [
      [new nn.MSELoss({ reduction: 'sum' }).forward(x, y), F.mseLoss(x, y, { reduction: 'sum' })],
      [new nn.L1Loss().forward(x, y), F.l1Loss(x, y)],
      [new nn.SmoothL1Loss({ beta: 0.5 }).forward(x, y), F.smoothL1Loss(x, y, { beta: 0.5 })],
      [new nn.HuberLoss({ delta: 2 }).forward(x, y), F.huberLoss(x, y, { delta: 2 })],
      [new nn.KLDivLoss({ reduction: 'batchmean' }).forward(x, y), F.klDiv(x, y, { reduction: 'batchmean' })],
      [new nn.NLLLoss({ weight }).forward(x, labels), F.nllLoss(x, labels, { weight })],
      [
        new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1 }).forward(x, labels),
        F.crossEntropy(x, labels, { weight, labelSmoothing: 0.1 }),
      ],
      [
        new nn.BCEWithLogitsLoss({ posWeight: weight }).forward(x, y),
        F.binaryCrossEntropyWithLogits(x, y, { posWeight: weight }),
      ],
    ]
    for (const [layer, fn] of losses) assert.deepEqual(await layer.data(), await fn.data())
    assert.deepEqual(Object.keys(new nn.BCEWithLogitsLoss({ posWeight: weight }).stateDict()), ['pos_weight'])
    assert.throws(
      () => F.mseLoss(x, y, { reduction: 'max' as never }),
      /unknown reduction "max"; there is mean, sum and none/,
    )
  })
})

describe('layers with a choice', () => {
  test('batch norm without weights, without statistics, with the mean over all', async () => {
    const x = random([8, 3])
    const bare = new nn.BatchNorm1d(3, { affine: false, trackRunningStats: false })
    assert.deepEqual(bare.stateDict(), {})
    const trained = await bare.forward(x).data()
    assert.deepEqual(await bare.eval().forward(x).data(), trained, 'the batch decides in evaluation mode too')
    assert.equal(String(bare), 'BatchNorm1d(3, eps=0.00001, momentum=0.1, affine=false, trackRunningStats=false)')
    assert.throws(() => bare.forward(zeros([2, 3, 1, 1])), /BatchNorm1d: wants \[N, C\] or \[N, C, L\]/)
    const norm = new nn.BatchNorm1d(3)
    await norm.forward(x).data()
    norm.resetParameters()
    assert.deepEqual(await norm.runningVar!.toArray(), [1, 1, 1])
    assert.equal(await norm.numBatchesTracked!.item(), 0)
  })
  test('printing tells the options that differ', () => {
    const lines = [
      new nn.Linear(3, 2, { bias: false }),
      new nn.Conv2d(4, 8, [1, 3], { padding: 'same', groups: 2, dilation: 2, bias: false }),
      new nn.ConvTranspose2d(4, 2, 2, { stride: 2, padding: [1, 0] }),
      new nn.LayerNorm([2, 3], { elementwiseAffine: false }),
      new nn.Embedding(5, 2, { paddingIndex: -1 }),
      new nn.Dropout(0.25),
    ].map(String)
    assert.deepEqual(lines, [
      'Linear(3, 2, bias=false)',
      "Conv2d(4, 8, kernelSize=[1, 3], stride=[1, 1], padding='same', dilation=2, groups=2, bias=false)",
      'ConvTranspose2d(4, 2, kernelSize=[2, 2], stride=[2, 2], padding=[1,0])',
      'LayerNorm([2, 3], eps=0.00001, elementwiseAffine=false)',
      'Embedding(5, 2, paddingIndex=4)',
      'Dropout(p=0.25)',
    ])
  })
  test('a padding row of an embedding gets no gradient', async () => {
    const table = new nn.Embedding(3, 2, { paddingIndex: 0 })
    table
      .forward(tensor([0, 1, 1], { dtype: 'int32' }))
      .sum()
      .backward()
    assert.deepEqual(await table.weight.grad!.toArray(), [[0, 0], [2, 2], [0, 0]]) // biome-ignore format: one row
  })
  test('a module list is walked through, a sequence gives its layers', () => {
    const list = new nn.ModuleList([new nn.ReLU()]).push(new nn.Linear(2, 2))
    assert.deepEqual([list.length, [...list].length], [2, 2])
    assert.ok(list.at(-1) instanceof nn.Linear)
    assert.throws(() => list.at(2), /there is no module 2 among 2/)
    assert.equal(new nn.Sequential(new nn.ReLU()).layers.length, 1)
    assert.deepEqual(Object.keys(list.stateDict()), ['1.weight', '1.bias'])
  })
  test('transposed convolutions refuse what cannot be', () => {
    const x = ones([1, 2, 3, 3])
    const w = ones([2, 1, 2, 2])
    assert.throws(
      () => F.convTranspose2d(x, w, null, { outputPadding: 1 }),
      /outputPadding 1 must be smaller than stride 1/,
    )
    assert.throws(
      () => F.convTranspose2d(ones([1, 2, 1, 1]), w, null, { padding: 1 }),
      /leaves nothing of \[1, 2, 1, 1\]/,
    )
    assert.throws(() => F.conv2d(x, w, null, { groups: 0 }), /groups must be an integer of at least 1, got 0/)
  })
})
