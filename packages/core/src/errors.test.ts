import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as core from './index.ts'
import { compile, data, grad, io, nn, ones, optim, type Tensor, TrainyardError, tensor } from './index.ts'

// As JavaScript gives it, without types that would refuse it.
// biome-ignore lint/suspicious/noExplicitAny: see above
const js = core as any
// biome-ignore lint/suspicious/noExplicitAny: see above
const x = ones([2, 3]) as any
const F = js.nn.functional
const image = ones([1, 3, 5, 5])
const weights = () => [tensor([1], { requiresGrad: true })]
const sum = compile((rows: Tensor) => rows.sum())

const wrong: [message: RegExp, call: () => unknown][] = [
  [/^tensor: elements are numbers or truths, got "a"$/, () => js.tensor(['a'])],
  [/^tensor: elements are numbers or truths, got undefined$/, () => js.tensor()],
  [/^tensor: rows at depth 1 have lengths 2 and none/, () => js.tensor([[1, 2], null])],
  [
    /^fromArray: there is no element type "float64"; there is float32, int32 and bool$/,
    () => js.tensor([1], { dtype: 'float64' }),
  ],
  [/^requiresGrad: only float32 tensors have gradients/, () => tensor([1], { dtype: 'int32', requiresGrad: true })],
  [/^full: a shape is a list of sizes, got 3; write \[3\]$/, () => js.zeros(3)],
  [/^full: the value must be a number, got "a"$/, () => js.full([2], 'a')],
  [/^rand: a shape is a list of sizes, got undefined$/, () => js.rand()],
  [/^randint: wants integers, the first below the second, got 5 and 2$/, () => js.randint(5, 2, [3])],
  [/^bernoulli: p must be a probability from 0 to 1, got 2$/, () => js.bernoulli(2, [3])],
  [/^arange: start and end must be numbers, got 0 and Infinity$/, () => js.arange(Number.POSITIVE_INFINITY)],
  [/^linspace: count must be an integer of at least 0, got -1$/, () => js.linspace(0, 1, -1)],
  [/^eye: size must be an integer of at least 0, got 1\.5$/, () => js.eye(1.5)],
  [/^concat: wants a list of at least one tensor, got a Tensor$/, () => js.concat(x)],
  [/^concat: wants a list of at least one tensor, got 1$/, () => js.concat([x, 1])],
  [/^stack: wants a list of at least one tensor, got an empty one$/, () => js.stack([])],
  [/^where: the condition must be a tensor of truths, got true$/, () => js.where(true, 1, 0)],
  [/^add: wants a tensor or a number, got "1"$/, () => x.add('1')],
  [/^mul: wants a tensor or a number, got undefined$/, () => x.mul()],
  [/^sub: wants a tensor or a number, got \[1, 2, \[…\]\]$/, () => x.sub([1, 2, [3]])],
  [/^logicalAnd: wants a tensor or a number, got an object with a$/, () => x.gt(0).logicalAnd({ a: 1 })],
  [/^matmul: wants a tensor or a number, got 2$/, () => x.matmul(2)],
  [/^assign: wants a tensor or a number, got 1$/, () => x.assign(1)],
  [/^cast: there is no element type undefined/, () => x.cast()],
  [/^sum: axes are a number, a list of numbers, or undefined for all, got "0"$/, () => x.sum('0')],
  [/^reshape: a shape is a list of sizes, got 6; write \[6\]$/, () => x.reshape(6)],
  [/^reshape: \[-2\] is not a shape/, () => x.reshape([-1, -2])],
  [/^permute: the order is a list of axes, got 1/, () => x.permute(1, 0)],
  [/^pad: wants a list of pairs of integers \[before, after\], got \[\[0\.5,0\]\]$/, () => x.pad([[0.5, 0]])],
  [/^oneHot: class numbers must be int32, got float32/, () => x.oneHot(3)],
  [/^oneHot: classes must be an integer of at least 1, got -1$/, () => tensor([0], { dtype: 'int32' }).oneHot(-1)],
  [/^compile: wants a function, got undefined$/, () => js.compile()],
  [/^realize: wants a list of tensors, got a Tensor$/, () => js.realize(x)],
  [/^grad: the first argument must be a tensor of type float32, got 3$/, () => js.grad((a: Tensor) => a)(3)],
  [/^grad: the function must give a tensor of one number, got 3$/, () => grad((() => 3) as never)(x)],
  [
    /^overBatches: order must be an Int32Array of row numbers, got \[0, 1\]$/,
    () => sum.overBatches([x], { order: [0, 1] as never, batchSize: 1 }),
  ],
  [
    /^overBatches: batchSize must be an integer of at least 1, got 0$/,
    () => sum.overBatches([x], { order: Int32Array.of(0), batchSize: 0 }),
  ],
  [
    /^compile: this program needs 4000\.00 GB for intermediates .*; use smaller tensors$/,
    () => js.zeros([1e6, 1e6]).data(),
  ],
  [/^conv2d: the weights must be a tensor, got undefined$/, () => F.conv2d(image)],
  [
    /^conv2d: 4 output channels want a bias \[4\], got \[2, 2\]$/,
    () => F.conv2d(image, ones([4, 3, 3, 3]), ones([2, 2])),
  ],
  [
    /^maxPool2d: kernelSize must be an integer of at least 1, or a pair of them, got undefined$/,
    () => F.maxPool2d(image),
  ],
  [
    /^interpolate: scaleFactor must be a number, or a pair of them, got Infinity$/,
    () => F.interpolate(image, { scaleFactor: Number.POSITIVE_INFINITY }),
  ],
  [
    /^batchNorm: 3 channels of \[1, 3, 5, 5\] want a weight \[3\], got \[2\]$/,
    () => F.batchNorm(image, null, null, { weight: ones([2]) }),
  ],
  [/^layerNorm: the weight must be \[3\], got \[2\]$/, () => F.layerNorm(x, [3], ones([2]))],
  [/^mseLoss: the targets must be a tensor, got undefined$/, () => F.mseLoss(x)],
  [
    /^Sequential: layer 1 must be a module, got a function; a function goes into a class/,
    () => new js.nn.Sequential(new nn.ReLU(), () => x),
  ],
  [
    /^loadStateDict: a state is an object of tensors by their keys, as stateDict\(\) gives it, got null$/,
    () => new js.nn.Linear(1, 1).loadStateDict(null),
  ],
  [
    /^SGD: wants parameters, as model\.parameters\(\) gives them, or a list of groups, got a Linear$/,
    () => new js.optim.SGD(new nn.Linear(1, 1)),
  ],
  [/^SGD: options are an object, as in \{ lr: 0\.01 \}, got 0\.1$/, () => new js.optim.SGD(weights(), 0.1)],
  [
    /^Adam: there is no option "learningRate"; there is lr, betas, eps, weightDecay, amsgrad, maximize$/,
    () => new js.optim.Adam(weights(), { learningRate: 0.1 }),
  ],
  [
    /^AdamW: group: there is no option "wd"; there is params, lr/,
    () => new js.optim.AdamW([{ params: weights(), wd: 0 }]),
  ],
  [/^StepLR: the first argument is the optimizer, got undefined$/, () => new js.optim.StepLR(undefined, 3)],
  [
    /^OneCycleLR: annealStrategy must be cos or linear, got "x"$/,
    () => new js.optim.OneCycleLR(new optim.SGD(weights()), 0.1, { totalSteps: 5, annealStrategy: 'x' }),
  ],
  [
    /^ReduceLROnPlateau: step wants the value as a number, got a Tensor; read it first$/,
    () => new js.optim.ReduceLROnPlateau(new optim.SGD(weights())).step(tensor(1)),
  ],
  [
    /^clip: wants a list of parameters, as model\.parameters\(\) gives it, got a Tensor$/,
    () => js.optim.clipGradNorm(tensor([1]), 1),
  ],
  [/^TensorDataset: wants tensors, got \[1, 2\]$/, () => new js.data.TensorDataset([1, 2])],
  [/^collate: samples of numbers and of string cannot be put together$/, () => data.collate([1, 'a'])],
  [/^writeSafetensors: "a" must be a tensor, got 3$/, () => io.writeSafetensors({ a: 3 } as never)],
]

test('input that makes no sense is refused in one line that says what was received', async () => {
  for (const [message, call] of wrong) {
    await assert.rejects(
      async () => await call(),
      (error: Error) => {
        assert.ok(error instanceof TrainyardError, `${call}: ${error.stack}`)
        assert.match(error.message, message)
        assert.ok(!error.message.includes('\n'))
        return true
      },
      String(call),
    )
  }
})
