import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cos32, erf32, exp32, log1p32, log32, pow32, sigmoid32, sin32, tanh32 } from './index.ts'
import { functionCases, ulpError, worstError } from './testing.ts'

for (const each of functionCases())
  test(`${each.name} is within ${each.ulps} ulp over its range`, () => {
    const worst = worstError(each, (i) => each.evaluate(each.x[i]!, each.y[i]!))
    assert.ok(worst.ulps <= each.ulps, `${worst.ulps} ulp at ${worst.at}`)
    for (let i = 0; i < each.x.length; i += 97) {
      const result = each.evaluate(each.x[i]!, each.y[i]!)
      assert.ok(Object.is(result, Math.fround(result)), `${result} is no float32`)
    }
  })

test('special values are exact, signs of zero included', () => {
  const cases: [number, number][] = [
    [exp32(0), 1],
    [exp32(-Infinity), 0],
    [exp32(89), Infinity],
    [exp32(-88), 0],
    [log32(1), 0],
    [log32(-0), -Infinity],
    [log32(-1), Number.NaN],
    [log1p32(-0), -0],
    [log1p32(-1), -Infinity],
    [log1p32(2 ** -149), 2 ** -149],
    [tanh32(-0), -0],
    [tanh32(-Infinity), -1],
    [tanh32(2 ** -130), 2 ** -130],
    [sigmoid32(0), 0.5],
    [sigmoid32(-Infinity), 0],
    [sigmoid32(Infinity), 1],
    [erf32(-0), -0],
    [erf32(Infinity), 1],
    [sin32(-0), -0],
    [cos32(0), 1],
    [sin32(Infinity), Number.NaN],
    [cos32(-Infinity), Number.NaN],
    [pow32(Number.NaN, 0), 1],
    [pow32(1, Number.NaN), 1],
    [pow32(-1, Infinity), 1],
    [pow32(-8, 1 / 3), Number.NaN],
    [pow32(-2, 3), -8],
    [pow32(-2, -2), 0.25],
    [pow32(-0, -3), -Infinity],
    [pow32(-0, 0.5), 0],
    [pow32(-Infinity, 3), -Infinity],
    [pow32(-Infinity, -3), -0],
    [pow32(-1, 16777215), -1],
    [pow32(-1, 16777216), 1],
    [pow32(10, 39), Infinity],
    [pow32(0.1, 50), 0],
  ]
  for (const [i, [actual, expected]] of cases.entries()) assert.ok(Object.is(actual, expected), `case ${i}: ${actual}`)
  for (const f of [exp32, log32, log1p32, tanh32, sigmoid32, erf32, sin32, cos32])
    assert.ok(Number.isNaN(f(Number.NaN)))
})

test('arguments are rounded to float32 first', () => {
  assert.equal(exp32(0.1), exp32(Math.fround(0.1)))
  assert.equal(pow32(1.1, 3.3), pow32(Math.fround(1.1), Math.fround(3.3)))
})

test('sine and cosine of huge arguments stay in [-1, 1], and their error grows with the spacing of floats', () => {
  for (let i = 0; i < 20_000; i++) {
    const x = Math.fround(2 ** (13.5 + (114 * i) / 20_000))
    assert.ok(Math.abs(sin32(x)) <= 1 && Math.abs(cos32(x)) <= 1, `${x}`)
    if (x < 1e6) assert.ok(Math.abs(sin32(x) - Math.sin(x)) < 2 ** -22 * x, `${x}`)
  }
})

test('the measure of errors sees an error', () => {
  assert.equal(ulpError(1 + 2 ** -23, 1), 1)
  assert.equal(ulpError(1, Number.NaN), Infinity)
  assert.equal(ulpError(0, -0), Infinity)
  assert.equal(ulpError(-1, 1), Infinity)
  assert.equal(ulpError(0, 1e-20), 2 ** 23 * (1e-20 / 2 ** -67))
})
