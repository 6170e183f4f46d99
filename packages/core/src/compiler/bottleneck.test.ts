import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build as g } from '../ops/build.ts'
import { bottlenecks } from './bottleneck.ts'
import { argument } from './testing.ts'

const product = () => g.matmul(argument([8, 4]), argument([4, 6]), false, false)

test('every way leads through the last of a chain of maps, whatever forks and joins before it', () => {
  const y = product()
  const activated = g.mul(g.neg(y), g.sigmoid(y))
  const results = [g.sum(activated, [0]), g.exp(g.permute(activated, [1, 0]))]
  assert.equal(bottlenecks(results)(y), activated)
})

test('what a result or a reduction wants as it is has nothing behind it', () => {
  const y = product()
  assert.equal(bottlenecks([g.relu(y), y])(y), y)
  const centered = g.sub(y, g.expand(g.reshape(g.sum(y, [0]), [1, 6]), [8, 6]))
  assert.equal(bottlenecks([g.exp(centered)])(y), y)
})

test('a view or another shape ends the chain', () => {
  const y = product()
  const scaled = g.mul(y, g.scalar(2))
  assert.equal(bottlenecks([g.exp(g.reshape(g.exp(scaled), [48]))])(y).op.name, 'exp')
  assert.equal(bottlenecks([g.exp(g.reshape(scaled, [48]))])(y), scaled)
})
