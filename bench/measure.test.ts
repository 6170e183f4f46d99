import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Case } from './cases/case.ts'
import { measure, type Running } from './measure.ts'
import type { Answer, Request } from './peers/peer.ts'

const wanted: Case = { name: 'product', group: 'kernels', unit: 'call', repeats: 3, make: () => ({}) }

/** A peer that gives one answer after the other, the last one again and again, and notes what it was asked. */
function scripted(id: string, answers: readonly Answer[], variant = false) {
  const asked: Request[] = []
  const running: Running = {
    entry: { id, name: id, variant, command: () => 'never started anew' },
    peer: {
      version: '1',
      hello: {},
      async ask(request) {
        asked.push(request)
        return answers[Math.min(asked.length, answers.length) - 1]
      },
      close() {},
    },
  }
  return { running, asked }
}

const conditions = { threads: 2, rounds: 3 }

test('figures are medians over the rounds, ratios those of the rounds', async () => {
  const own = scripted('own', [
    { seconds: 1, flops: 8e9, peakGflops: 8 },
    { seconds: 2, flops: 8e9, peakGflops: 4 },
    { seconds: 4, flops: 8e9, peakGflops: 2 },
  ])
  const peer = scripted('peer', [{ seconds: 3 }, { seconds: 2 }, { seconds: 40 }])
  const result = await measure(wanted, own.running, [peer.running], conditions)
  assert.ok(!('failed' in result))
  assert.equal(result.seconds, 2)
  assert.equal(result.gflops, 4)
  assert.equal(result.shareOfPeak, 0.5)
  assert.deepEqual(result.beside, [{ name: 'peer', variant: false, seconds: 3, gflops: 8 / 3, ratio: 3 }])
  assert.deepEqual(own.asked[0], { case: 'product', repeats: 3, threads: 2, cold: false })
})

test('who cannot run a case is asked once, and its reason kept', async () => {
  const own = scripted('own', [{ seconds: 1 }])
  const peer = scripted('peer', [{ seconds: null, note: 'no such kernel' }])
  const result = await measure(wanted, own.running, [peer.running], conditions)
  assert.ok(!('failed' in result))
  assert.deepEqual(result.beside, [{ name: 'peer', variant: false, note: 'no such kernel' }])
  assert.equal(peer.asked.length, 1)
})

test('a case that fails here says why', async () => {
  const own = scripted('own', [{ seconds: null, note: 'failed: out of memory' }])
  assert.deepEqual(await measure(wanted, own.running, [], conditions), { failed: 'failed: out of memory' })
})

test('variants run only the cases that want them, and one thread none of one core', async () => {
  const names = async (more: Partial<Case>): Promise<string[]> => {
    const variants = ['one-thread', '128-bit', 'strict'].map((id) => scripted(id, [{ seconds: 1 }], true).running)
    const own = scripted('own', [{ seconds: 1 }])
    const result = await measure({ ...wanted, ...more }, own.running, variants, { threads: 2, rounds: 1 })
    assert.ok(!('failed' in result))
    return result.beside.map(({ name }) => name)
  }
  assert.deepEqual(await names({}), [])
  assert.deepEqual(await names({ variants: true }), ['one-thread', '128-bit', 'strict'])
  assert.deepEqual(await names({ variants: true, oneCore: true }), ['128-bit', 'strict'])
  assert.deepEqual(await names({ variants: ['128-bit'] }), ['128-bit'])
})
