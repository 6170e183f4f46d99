import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gradients } from '../../autograd/backward.ts'
import { type Tensor as AnyTensor, Generator, nn, ones, Tensor, tensor, zeros } from '../../index.ts'
import type { SampleInput } from '../../ops/spec.ts'
import type { Case } from '../../testing/cases.ts'
import { checkGradient } from '../../testing/gradcheck.ts'

const F = nn.functional

/** First derivatives, and second ones as gradients of the weighted gradients. */
function checkBoth(name: string, inputs: SampleInput[], fn: (...inputs: Tensor[]) => Tensor): void {
  const outputs: Case['outputs'] = (nodes) => [fn(...nodes.map((node) => new Tensor(node))).node]
  checkGradient({ op: name, name: 'gradient', inputs, outputs })
  checkGradient({
    op: name,
    name: 'second derivatives',
    inputs,
    outputs(nodes) {
      const [result] = outputs(nodes)
      const weights = new Tensor(result).detach().mul(0).add(0.7).node
      const wanted = nodes.filter((_, i) => inputs[i].differentiable !== false && inputs[i].dtype !== 'int32')
      return gradients(result, wanted, weights).filter((node) => node !== null)
    },
  })
}

describe('derivatives, also at the joints of formulas', () => {
  // 0 is a joint of softplus and its kin, where they are smooth all the same.
  const points: SampleInput = { shape: [7], values: [0, 0.5, -0.5, 3, -3, 12, -12] }
  const smooth = { silu: F.silu, gelu: F.gelu, softplus: F.softplus, logSigmoid: F.logSigmoid, mish: F.mish }
  for (const [name, fn] of Object.entries(smooth)) test(name, () => checkBoth(name, [points], (x) => fn(x)))
  test('binaryCrossEntropyWithLogits', () => {
    const target: SampleInput = { shape: [7], values: [0, 1, 0, 1, 0.25, 0, 1], differentiable: false }
    checkBoth('bce', [points, target], (x, y) => F.binaryCrossEntropyWithLogits(x, y))
    checkBoth('bce', [points, target], (x, y) => F.binaryCrossEntropyWithLogits(x, y, { posWeight: tensor([3]) }))
  })
  test('crossEntropy', () => {
    const labels: SampleInput = { shape: [3], dtype: 'int32', values: [1, 0, 3] }
    checkBoth('crossEntropy', [{ shape: [3, 4] }, labels], (x, y) => F.crossEntropy(x, y, { labelSmoothing: 0.1 }))
  })
  test('normalisations', () => {
    const channels: SampleInput = { shape: [2], range: [0.5, 2] }
    checkBoth('batchNorm', [{ shape: [3, 2, 2, 2] }, channels, channels], (x, weight, bias) =>
      F.batchNorm(x, null, null, { weight, bias, training: true }),
    )
    const features: SampleInput = { shape: [5], range: [0.5, 2] }
    checkBoth('layerNorm', [{ shape: [3, 5] }, features, features], (x, weight, bias) =>
      F.layerNorm(x, [5], weight, bias),
    )
  })
  test('resampling and transposed convolution', () => {
    checkBoth('bilinear', [{ shape: [1, 2, 3, 4] }], (x) => F.interpolate(x, { size: [5, 3], mode: 'bilinear' }))
    checkBoth('convTranspose2d', [{ shape: [1, 2, 3, 3] }, { shape: [2, 3, 2, 2] }], (x, w) =>
      F.convTranspose2d(x, w, null, { stride: 2 }),
    )
  })
})

describe('dropout', () => {
  const x = ones([100, 100])
  test('drops a share p and keeps the mean', async () => {
    const kept = await F.dropout(x, 0.25, { generator: new Generator(1) }).data()
    const zeroed = kept.filter((value) => value === 0).length
    assert.ok(Math.abs(zeroed / 10_000 - 0.25) < 0.02, `${zeroed}`)
    assert.ok(kept.every((value) => value === 0 || Math.abs(value - 4 / 3) < 1e-6))
  })
  test('drops whole channels in two dimensions', async () => {
    const y = await F.dropout2d(ones([8, 16, 3, 3]), 0.5, { generator: new Generator(1) }).data()
    for (let c = 0; c < 128; c++) assert.equal(new Set(y.slice(c * 9, c * 9 + 9)).size, 1)
    assert.equal(new Set(y).size, 2)
  })
  test('does nothing in evaluation mode, everything at p = 1, and refuses what is no probability', async () => {
    assert.equal(F.dropout(x, 0.5, { training: false }), x)
    assert.ok((await F.dropout(x, 1).data()).every((value) => value === 0))
    assert.throws(() => F.dropout(x, 1.5), /p must be a probability from 0 to 1, got 1.5/)
    assert.throws(() => new nn.Dropout(-1), /Dropout: p must be/)
  })
})

describe('mistakes are seen', () => {
  const labels = (...values: number[]) => tensor(values, { dtype: 'int32' })
  test('a label that is no class makes the loss NaN, an ignored one does not', async () => {
    const scores = zeros([2, 3]).logSoftmax(1)
    assert.equal(await F.nllLoss(scores, labels(0, 3)).item(), Number.NaN)
    assert.equal(await F.crossEntropy(scores, labels(-1, 0)).item(), Number.NaN)
    assert.ok(Math.abs((await F.nllLoss(scores, labels(0, -100)).item()) - Math.log(3)) < 1e-6)
  })
  test('a row that is not in the table is NaN', async () => {
    const rows = await F.embedding(labels(1, 2, -1), ones([2, 2])).data()
    assert.deepEqual([...rows], [1, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })
  const cases: [() => AnyTensor, RegExp][] = [
    [
      () => F.mseLoss(zeros([4, 1]), zeros([4])),
      /mseLoss: predictions \[4, 1\], targets \[4\]; bring them to one shape/,
    ],
    [() => F.binaryCrossEntropyWithLogits(zeros([4, 1]), zeros([3])), /one target for each prediction/],
    [() => F.crossEntropy(zeros([4, 3]), zeros([4])), /class numbers of type int32, got float32 \[4\]/],
    [() => F.crossEntropy(zeros([4, 3]), labels(1, 2)), /predictions \[4, 3\].* want targets \[4\], got \[2\]/],
    [() => F.nllLoss(zeros([1, 3]), labels(1), { weight: ones([2]) }), /3 classes want as many weights, got \[2\]/],
    [() => F.crossEntropy(zeros([1, 3]), labels(1), { labelSmoothing: 2 }), /labelSmoothing must be from 0 to 1/],
    [() => F.linear(zeros([2, 3]), zeros([5, 4])), /linear: wants 4 inputs on the last axis, got \[2, 3\]/],
    [() => F.conv2d(zeros([3, 8, 8]), zeros([4, 3, 3, 3])), /a single image needs an axis in front: x.unsqueeze\(0\)/],
    [() => F.conv2d(zeros([1, 3, 8, 8]), zeros([4, 2, 3, 3])), /have 3 channels, weights .* want 2/],
    [() => F.conv2d(zeros([1, 3, 2, 2]), zeros([4, 3, 3, 3])), /a window of 3×3 .* does not fit images/],
    [
      () => F.conv2d(zeros([1, 1, 4, 4]), zeros([1, 1, 3, 3]), null, { stride: 0 }),
      /stride must be an integer of at least 1/,
    ],
    [
      () => F.conv2d(zeros([1, 1, 4, 4]), zeros([1, 1, 3, 3]), null, { stride: 2, padding: 'same' }),
      /'same' is defined for stride 1/,
    ],
    [() => F.convTranspose2d(zeros([1, 2, 4, 4]), zeros([3, 1, 2, 2])), /do not go with weights/],
    [() => F.maxPool2d(zeros([1, 1, 4, 4]), 2, { padding: 2 }), /more than half of the window/],
    [() => F.maxPool2d(zeros([1, 1, 1, 4]), 2), /does not fit images/],
    [() => F.maxPool2d(zeros([1, 1, 4, 4]).cast('int32'), 2), /is defined for float32, got int32/],
    [() => F.interpolate(zeros([1, 1, 4, 4]), {}), /wants either size or scaleFactor/],
    [() => F.interpolate(zeros([1, 1, 4, 4]), { scaleFactor: 0.1 }), /leaves nothing of 4×4/],
    [() => F.layerNorm(zeros([2, 3]), [4]), /wants inputs that end in \[4\], got \[2, 3\]/],
    [
      () => F.batchNorm(zeros([1, 3]), zeros([3]), zeros([3]), { training: true }),
      /has no variance; use a larger batch/,
    ],
    [() => F.embedding(zeros([2]), zeros([3, 2])), /row numbers must be int32, got float32/],
  ]
  for (const [mistake, message] of cases) test(String(message), () => assert.throws(mistake, message))
})
