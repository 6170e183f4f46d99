import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultGenerator, nn, ones, type Tensor, tensor } from '../index.ts'

const cnn = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 16, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(800, 10),
    new nn.LogSoftmax(1),
  )

class Residual extends nn.Module {
  conv = new nn.Conv2d(2, 2, 3, { padding: 1 })
  norm = new nn.BatchNorm2d(2)
  drop = new nn.Dropout(0.5)
  forward(x: Tensor): Tensor {
    return x.add(this.drop.forward(this.norm.forward(this.conv.forward(x))))
  }
}

describe('summary', () => {
  test('explains why Flatten and why 800', () => {
    const { layers, parameters, trainable, multiplyAdds, outputShape } = nn.summary(cnn(), [1, 1, 28, 28])
    assert.deepEqual(
      layers.map(({ outputShape }) => outputShape),
      [
        [1, 16, 26, 26],
        [1, 16, 26, 26],
        [1, 16, 13, 13],
        [1, 32, 11, 11],
        [1, 32, 11, 11],
        [1, 32, 5, 5],
        [1, 800],
        [1, 10],
        [1, 10],
      ],
    )
    assert.deepEqual(
      layers.map((layer) => layer.parameters),
      [160, 0, 0, 4640, 0, 0, 0, 8010, 0],
    )
    assert.equal(parameters, 12_810)
    assert.equal(trainable, 12_810)
    assert.equal(multiplyAdds, 26 * 26 * 16 * 9 + 11 * 11 * 32 * 16 * 9 + 8000)
    assert.deepEqual(outputShape, [1, 10])
  })
  test('prints a table', () => {
    const lines = String(nn.summary(cnn(), [1, 1, 28, 28])).split('\n')
    assert.match(lines[0], /^Key {2}Layer +Input +Output +Parameters$/)
    assert.match(
      lines[2],
      /^0 +Conv2d\(1, 16, kernelSize=\[3, 3\], stride=\[1, 1\]\) +\[1, 1, 28, 28\] +\[1, 16, 26, 26\] +160$/,
    )
    assert.equal(lines.at(-1), '12,810 parameters; 662,912 multiply-adds')
  })
  test('changes nothing, whatever the model does', async () => {
    const model = new nn.Sequential(new Residual(), new Residual().eval())
    const before = await nn.copyState(model.stateDict())
    const random = defaultGenerator.state
    const { layers } = nn.summary(model, [2, 2, 4, 4])
    assert.deepEqual(
      layers.map(({ key, depth }) => [key, depth]),
      [
        ['0', 0],
        ['0.conv', 1],
        ['0.norm', 1],
        ['0.drop', 1],
        ['1', 0],
        ['1.conv', 1],
        ['1.norm', 1],
        ['1.drop', 1],
      ],
    )
    assert.deepEqual(defaultGenerator.state, random)
    assert.deepEqual([model.training, model.at(0).training, model.at(1).training], [true, true, false])
    for (const [key, t] of Object.entries(model.stateDict())) {
      assert.deepEqual(await t.data(), await before[key].data(), key)
    }
    assert.equal(Object.hasOwn(model.at(0), 'forward'), false)
  })
  test('says which layer does not fit', () => {
    assert.throws(() => nn.summary(cnn(), [1, 1, 32, 32]), /layer 7 \(Linear\): linear: wants 800 inputs/)
  })
})

describe('findNonFinite', () => {
  const x = ones([2, 2])
  test('names the layer', async () => {
    class Log extends nn.Module {
      forward(y: Tensor): Tensor {
        return y.log()
      }
    }
    const inner = new nn.Sequential(new nn.ReLU(), new Log())
    const model = new nn.Sequential(new nn.Linear(2, 2), inner, new nn.Tanh())
    nn.init.constant(model.parameters()[0], -1)
    const fault = await nn.findNonFinite(model, () => model.forward(x).sum())
    assert.equal(fault?.where, 'layer')
    assert.equal(fault?.key, '1.1')
    assert.equal(
      fault?.message,
      'layer 1.1 (Log()) is the first whose output is not finite: it holds 4 infinite of 4 numbers, while its input is finite',
    )
  })
  test('tells what came from outside, what was there before, and what only the loss did', async () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU())
    const input = tensor([[1, Number.NaN]])
    const outside = await nn.findNonFinite(model, () => model.forward(input).sum())
    assert.equal(outside?.where, 'input')
    assert.match(outside!.message, /the input of layer 0 \(Linear\(2, 2\)\) holds 1 NaN of 2 numbers/)
    const labels = tensor([0, 7], { dtype: 'int32' })
    const loss = await nn.findNonFinite(model, () => nn.functional.crossEntropy(model.forward(x), labels))
    assert.equal(loss?.where, 'loss')
    assert.match(loss!.message, /the loss is NaN although all layers are finite; are all labels classes/)
    assert.equal(await nn.findNonFinite(model, () => model.forward(x).sum()), null)
    model.parameters()[0].assign(tensor([[1, 2], [Number.POSITIVE_INFINITY, 3]])) // biome-ignore format: one row
    const held = await nn.findNonFinite(model, () => model.forward(x).sum())
    assert.match(held!.message, /^0\.weight holds 1 infinite of 4 numbers before the step; an earlier step/)
  })
  test('leaves running statistics, gradients and random numbers alone', async () => {
    const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Dropout(0.5), new nn.Linear(2, 1))
    const random = defaultGenerator.state
    await nn.findNonFinite(model, () => model.forward(x.mul(5)).sum())
    assert.deepEqual(defaultGenerator.state, random)
    const state = model.stateDict()
    assert.deepEqual(await state['0.running_mean'].toArray(), [0, 0])
    assert.equal(await state['0.num_batches_tracked'].item(), 0)
    assert.ok(model.parameters().every((p) => p.grad === null))
  })
})
