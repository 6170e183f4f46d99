import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fromArray, nn, type Tensor } from '@trainyard/core'
import { assertClose } from '../../src/testing/close.ts'

const F = nn.functional

interface Recorded {
  readonly shape: number[]
  readonly dtype: 'float32' | 'int32'
  readonly data: number[]
}

interface RecordedCase {
  readonly name: string
  readonly inputs: Record<string, Recorded>
  readonly shape: number[]
  readonly output: (number | null)[]
  readonly gradients?: Record<string, (number | null)[] | null>
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const recorded: RecordedCase[] = read('cases.json')

/** What PyTorch did to these inputs, in our words. */
const ours: Record<string, (inputs: Record<string, Tensor>) => Tensor> = {
  relu: ({ x }) => F.relu(x),
  relu6: ({ x }) => F.relu6(x),
  leakyRelu: ({ x }) => F.leakyRelu(x, 0.2),
  elu: ({ x }) => F.elu(x, 1.5),
  silu: ({ x }) => F.silu(x),
  gelu: ({ x }) => F.gelu(x),
  geluTanh: ({ x }) => F.gelu(x, 'tanh'),
  softplus: ({ x }) => F.softplus(x),
  softplusBeta: ({ x }) => F.softplus(x, 2, 3),
  logSigmoid: ({ x }) => F.logSigmoid(x),
  mish: ({ x }) => F.mish(x),
  hardsigmoid: ({ x }) => F.hardsigmoid(x),
  hardswish: ({ x }) => F.hardswish(x),
  hardtanh: ({ x }) => F.hardtanh(x, -1.5, 2),
  tanh: ({ x }) => F.tanh(x),
  sigmoid: ({ x }) => F.sigmoid(x),
  abs: ({ x }) => x.abs(),
  sign: ({ x }) => x.sign(),
  erf: ({ x }) => x.erf(),
  round: ({ x }) => x.round(),
  floor: ({ x }) => x.floor(),
  ceil: ({ x }) => x.ceil(),
  clamp: ({ x }) => x.clamp(-1, 2),
  clampLow: ({ x }) => x.clamp(0),
  square: ({ x }) => x.pow(2),
  cube: ({ x }) => x.pow(3),
  inverse: ({ x }) => x.add(0.25).pow(-1),
  log1p: ({ x }) => x.log1p(),
  powTensor: ({ x, y }) => x.pow(y),
  powZero: ({ x }) => x.pow(0),
  remainder: ({ x, y }) => x.remainder(y),
  remainderInteger: ({ x, y }) => x.remainder(y),
  maximumTies: ({ x, y }) => x.maximum(y),
  minimumTies: ({ x, y }) => x.minimum(y),
  amaxTies: ({ x }) => x.max([0, 2]),
  where: ({ x, y }) => x.gt(y).where(x, y.mul(2)),
  softmax: ({ x }) => F.softmax(x, 1),
  logSoftmax: ({ x }) => F.logSoftmax(x, -1),
  logSumExp: ({ x }) => x.logSumExp([0, 2]),
  var: ({ x }) => x.var([0, 2]),
  varBiased: ({ x }) => x.var(1, { correction: 0 }),
  std: ({ x }) => x.std(),
  argmax: ({ x }) => x.argmax(1),
  matmulBroadcast: ({ x, y }) => x.matmul(y),
  gather: ({ x, index }) => x.gather(1, index),
  embedding: ({ index, weight }) => F.embedding(index, weight, { paddingIndex: 2 }),
  conv2d: ({ x, w, b }) => F.conv2d(x, w, b, { stride: [2, 1], padding: [1, 2], dilation: [1, 2] }),
  conv2dGroups: ({ x, w }) => F.conv2d(x, w, null, { stride: 2, padding: 1, groups: 2 }),
  conv2dDepthwise: ({ x, w, b }) => F.conv2d(x, w, b, { padding: 2, groups: 3 }),
  conv2dSame: ({ x, w }) => F.conv2d(x, w, null, { padding: 'same', dilation: [1, 2] }),
  convTranspose2d: ({ x, w, b }) =>
    F.convTranspose2d(x, w, b, { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], dilation: [2, 1] }),
  convTranspose2dGroups: ({ x, w }) => F.convTranspose2d(x, w, null, { stride: 2, groups: 2 }),
  maxPool2dTies: ({ x }) => F.maxPool2d(x, 2),
  maxPool2dOverlap: ({ x }) => F.maxPool2d(x, 3, { stride: 2, padding: 1 }),
  maxPool2dUneven: ({ x }) => F.maxPool2d(x, [2, 3], { stride: [1, 2], padding: [0, 1] }),
  avgPool2d: ({ x }) => F.avgPool2d(x, 3, { stride: 2, padding: 1 }),
  avgPool2dInside: ({ x }) => F.avgPool2d(x, [3, 2], { stride: 2, padding: 1, countIncludePad: false }),
  adaptiveAvgPool2d: ({ x }) => F.adaptiveAvgPool2d(x, [3, 2]),
  adaptiveAvgPool2dUp: ({ x }) => F.adaptiveAvgPool2d(x, [4, 5]),
  adaptiveAvgPool2dOne: ({ x }) => F.adaptiveAvgPool2d(x, 1),
  nearestTwice: ({ x }) => F.interpolate(x, { scaleFactor: 2 }),
  nearestUneven: ({ x }) => F.interpolate(x, { scaleFactor: [1.5, 2.3] }),
  nearestSize: ({ x }) => F.interpolate(x, { size: [2, 7] }),
  bilinear: ({ x }) => F.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }),
  bilinearUneven: ({ x }) => F.interpolate(x, { scaleFactor: [1.5, 2.3], mode: 'bilinear' }),
  bilinearAligned: ({ x }) => F.interpolate(x, { size: [7, 3], mode: 'bilinear', alignCorners: true }),
  bilinearSize: ({ x }) => F.interpolate(x, { size: [2, 9], mode: 'bilinear' }),
  batchNorm: ({ x, w, b }) => F.batchNorm(x, null, null, { weight: w, bias: b, training: true }),
  batchNormEval: ({ x, mean, var: variance, w, b }) =>
    F.batchNorm(x, mean.detach(), variance.detach(), { weight: w, bias: b }),
  layerNorm: ({ x, w, b }) => F.layerNorm(x, [3, 4], w, b),
  bce: ({ x, y }) => F.binaryCrossEntropyWithLogits(x, y),
  bceSoft: ({ x, y }) => F.binaryCrossEntropyWithLogits(x, y, { reduction: 'none' }),
  bceWeights: ({ x, y, weight, pos }) =>
    F.binaryCrossEntropyWithLogits(x, y, { weight: weight.detach(), posWeight: pos.detach(), reduction: 'sum' }),
  nll: ({ x, y }) => F.nllLoss(F.logSoftmax(x, 1), y),
  nllWeights: ({ x, y, w }) => F.nllLoss(x, y, { weight: w.detach(), ignoreIndex: 1 }),
  crossEntropy: ({ input, target }) => F.crossEntropy(input, target),
  crossEntropyImages: ({ input, target, w }) =>
    F.crossEntropy(input, target, { weight: w.detach(), labelSmoothing: 0.2 }),
  crossEntropySmooth: ({ input, target }) => F.crossEntropy(input, target, { labelSmoothing: 0.1, reduction: 'none' }),
  crossEntropySum: ({ input, target, w }) =>
    F.crossEntropy(input, target, { weight: w.detach(), labelSmoothing: 0.3, reduction: 'sum' }),
  crossEntropySoft: ({ input, target, w }) =>
    F.crossEntropy(input, target, { weight: w.detach(), labelSmoothing: 0.1 }),
  mse: ({ input, target }) => F.mseLoss(input, target),
  l1: ({ input, target }) => F.l1Loss(input, target),
  smoothL1: ({ input, target }) => F.smoothL1Loss(input, target, { beta: 0.5, reduction: 'none' }),
  huber: ({ input, target }) => F.huberLoss(input, target, { delta: 0.5, reduction: 'none' }),
  klDiv: ({ input, target }) => F.klDiv(F.logSoftmax(input, 1), target, { reduction: 'batchmean' }),
  klDivLog: ({ input, target }) => F.klDiv(input, target, { logTarget: true }),
}

describe('PyTorch computes the same', () => {
  test('every recorded case has its counterpart', () => {
    assert.deepEqual(recorded.map(({ name }) => name).sort(), Object.keys(ours).sort())
  })

  for (const { name, inputs, shape, output, gradients = {} } of recorded) {
    test(name, async () => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([key, { data, shape: size, dtype }]) => [
          key,
          fromArray(data, size, { dtype, requiresGrad: dtype === 'float32' }),
        ]),
      )
      const result = ours[name](tensors)
      assert.deepEqual(result.shape, shape)
      const tolerance = { absolute: 1e-5, relative: 1e-5 }
      assertClose(
        await result.data(),
        output.map((x) => x ?? Number.NaN),
        tolerance,
        'result',
      )
      if (Object.keys(gradients).length === 0) return
      const weights = Float32Array.from({ length: result.size }, (_, i) => ((i % 7) - 2.5) / 4)
      // Where nothing flows, PyTorch records zeros and we have no gradient at all.
      if (result.requiresGrad) result.backward(fromArray(weights, shape))
      for (const [key, expected] of Object.entries(gradients)) {
        const found = tensors[key].grad
        if (found) {
          // Where PyTorch's gradient is NaN (that of 0 · log 0), ours is finite.
          const values = await found.data()
          const wanted = expected!.map((x, i) => x ?? values[i])
          assertClose(values, wanted, tolerance, `gradient of ${key}`)
        } else assert.ok(expected === null || expected.every((x) => x === 0), `${key} has no gradient`)
      }
    })
  }
})

describe('batch norm keeps the statistics that PyTorch keeps', () => {
  for (const { momentum, inputs, last, evaluated, state } of read('batchNorm.json')) {
    test(`momentum ${momentum}`, async () => {
      const norm = new nn.BatchNorm2d(2, { momentum })
      const images: Tensor[] = inputs.map((data: number[]) => fromArray(data, [2, 2, 2, 3]))
      let output = images[0]
      for (const x of images) output = await norm.forward(x).realize()
      const tolerance = { absolute: 2e-6, relative: 2e-6 }
      assertClose(await output.data(), last, tolerance, 'the last output')
      norm.eval()
      assertClose(await norm.forward(images[0]).data(), evaluated, tolerance, 'the output in evaluation mode')
      assert.deepEqual(Object.keys(norm.stateDict()), Object.keys(state))
      for (const [key, tensor] of Object.entries(norm.stateDict())) {
        assertClose(await tensor.data(), state[key], tolerance, key)
      }
    })
  }
})
