import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Affine, add, affineKey, type Loop, LoopSet, loopAffine, scale } from './affine.ts'

/** Evaluates a sum for given counters. */
function evaluate(a: Affine, counters: Map<Loop, number>): number {
  return a.terms.reduce((sum, { loop, factor }) => sum + factor * (counters.get(loop) ?? 0), a.offset)
}

test('a merged axis is taken apart by splitting its loop', () => {
  const loops = new LoopSet()
  const merged = loops.make(12)
  const indices = loops.unravel(loopAffine(merged), [3, 4])!
  const [outer, inner] = loops.resolveLoop(merged)
  assert.equal(outer.extent, 3)
  assert.equal(inner.extent, 4)
  assert.deepEqual(indices.map(affineKey), [`0+1i${outer.id}`, `0+1i${inner.id}`])
})

test('what cannot be said with sums is refused', () => {
  const loops = new LoopSet()
  const loop = loops.make(12)
  assert.equal(loops.unravel(add(loopAffine(loop), { offset: 1, terms: [] }), [3, 5]), null)
})

test('unravelled indices give the position back, for every counter', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(shapes, shapes, (from, to) => {
      const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1)
      fc.pre(size(from) === size(to))
      const loops = new LoopSet()
      const counters = from.map((extent) => loops.make(extent))
      let position: Affine = { offset: 0, terms: [] }
      counters.forEach((loop) => {
        position = add(scale(position, loop.extent), loopAffine(loop))
      })
      const indices = loops.unravel(position, to)
      if (!indices) return
      const resolved = indices.map((index) => loops.resolve(index))
      const all = counters.flatMap((loop) => loops.resolveLoop(loop))
      const values = new Map<Loop, number>()
      const visit = (at: number): void => {
        if (at < all.length) {
          for (let i = 0; i < all[at].extent; i++) {
            values.set(all[at], i)
            visit(at + 1)
          }
          return
        }
        let back = 0
        resolved.forEach((index, axis) => {
          const value = evaluate(index, values)
          assert.ok(value >= 0 && value < to[axis])
          back = back * to[axis] + value
        })
        assert.equal(back, evaluate(loops.resolve(position), values))
      }
      visit(0)
    }),
  )
})
