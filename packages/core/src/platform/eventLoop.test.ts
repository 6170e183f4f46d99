import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, randn, tensor } from '../index.ts'
import { letOthersRun } from './eventLoop.ts'

/** Repeats something that is awaited for a while, and says how often a timer came through meanwhile. */
async function ticksWhile(work: () => Promise<unknown>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const start = performance.now()
  while (performance.now() - start < 100) await work()
  clearInterval(timer)
  return ticks
}

test('timers go on during a loop of compiled steps, and during one that reads tensors', async () => {
  const double = compile((x: typeof state) => x.mul(2))
  const state = randn([64])
  await double(state)
  assert.ok((await ticksWhile(() => double(state))) > 0)
  assert.ok((await ticksWhile(() => tensor([1, 2]).add(1).data())) > 0)
})

test('who came first goes on first', async () => {
  const until = performance.now() + 20
  while (performance.now() < until);
  const order: number[] = []
  const wait = async (who: number): Promise<void> => {
    const turn = letOthersRun()
    assert.ok(turn, 'after 20 ms of computing others are let run')
    await turn
    order.push(who)
  }
  await Promise.all([wait(1), wait(2), wait(3)])
  assert.deepEqual(order, [1, 2, 3])
  assert.equal(letOthersRun(), null, 'and then there is nothing to wait for')
})
