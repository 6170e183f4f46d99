import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compile,
  createWasmBackend,
  manualSeed,
  nn,
  noGrad,
  rand,
  type Tensor,
  useBackend,
  valueAndGrad,
} from '../../index.ts'
import { assertClose } from '../../testing/close.ts'

test('the last channels of an argument at the end of the memory are read, and nothing behind them', async () => {
  useBackend(await createWasmBackend({ threads: 1 }))
  manualSeed(1)
  const conv = new nn.Conv2d(17, 8, 3, { padding: 1 })
  const predict = compile((x: Tensor, scale: Tensor) => noGrad(() => conv.forward(x.mul(scale))))
  const scale = rand([1, 17, 1, 1])
  // The memory grows by just what an argument takes that is given again.
  for (let i = 0; i < 3; i++) {
    const x = rand([1, 17, 512, 512])
    const first = await (await predict(x, scale)).data()
    assert.deepEqual(await (await predict(x, scale)).data(), first)
  }
})

test('what is read only where a condition holds is not fetched where it does not', async () => {
  const crops: [from: number, to: number][][] = [
    [[3, 4]],
    [[0, 1]],
    [
      [0, 4],
      [0, 32],
      [0, 8],
    ],
    [
      [0, 4],
      [0, 32],
      [120, 128],
    ],
  ]
  for (const crop of crops) {
    const gradient = async (fuse: boolean) => {
      useBackend(await createWasmBackend({ threads: 1, fuse }))
      manualSeed(1)
      const [first, depthwise] = [new nn.Conv2d(32, 32, 1), new nn.Conv2d(32, 32, 3, { padding: 1, groups: 32 })]
      const last = new nn.Conv2d(32, 8, 3, { padding: 1 })
      const x = rand([4, 32, 128, 128])
      const program = compile((x: Tensor) =>
        valueAndGrad((weight: Tensor) => {
          const y = nn.functional.conv2d(x, weight)
          return depthwise
            .forward(y)
            .sin()
            .mean()
            .add(
              last
                .forward(y.slice(...crop))
                .tanh()
                .mean(),
            )
        })(first.weight),
      )
      return (await program(x)).gradient.data()
    }
    assertClose(await gradient(true), await gradient(false), { absolute: 1e-6, relative: 1e-4 }, JSON.stringify(crop))
  }
})
