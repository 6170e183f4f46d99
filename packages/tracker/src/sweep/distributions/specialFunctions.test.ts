import assert from 'node:assert/strict'
import { test } from 'node:test'
import { betaCumulative, betaQuantile, logGamma, normalCumulative, normalQuantile } from './specialFunctions.ts'

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(Math.abs(expected), 1e-300),
    `${actual}, not ${expected}`,
  )

// Computed with SciPy 1.17: scipy.stats.norm.cdf, .ppf, scipy.stats.beta.cdf, .ppf and scipy.special.gammaln.
test("the normal distribution function is SciPy's", () => {
  // The rounding of 450 in exp(-450) alone leaves no more than twelve digits.
  near(normalCumulative(-30.0), 4.906713927147908e-198)
  near(normalCumulative(-8.0), 6.22096057427174e-16)
  near(normalCumulative(-3.6), 0.00015910859015753364)
  near(normalCumulative(-3.5), 0.00023262907903552502)
  near(normalCumulative(-1.0), 0.15865525393145707)
  near(normalCumulative(-0.2), 0.42074029056089696)
  near(normalCumulative(0.0), 0.5)
  near(normalCumulative(0.7), 0.758036347776927)
  near(normalCumulative(2.4), 0.9918024640754038)
  near(normalCumulative(3.7), 0.9998922002665226)
  near(normalCumulative(6.0), 0.9999999990134123)
})

test("the normal quantile is SciPy's", () => {
  near(normalQuantile(1e-300), -37.0470962993612)
  near(normalQuantile(1e-20), -9.262340089798409)
  near(normalQuantile(1e-5), -4.264890793922825)
  near(normalQuantile(0.0249), -1.9616778690637864)
  near(normalQuantile(0.2), -0.8416212335729142)
  near(normalQuantile(0.5), 0.0)
  near(normalQuantile(0.6), 0.2533471031357997)
  near(normalQuantile(0.93), 1.475791028179171)
  near(normalQuantile(0.9999), 3.719016485455709)
})

test("the beta distribution function is SciPy's", () => {
  near(betaCumulative(0.1, 0.5, 0.5), 0.20483276469913345)
  near(betaCumulative(0.3, 2.0, 5.0), 0.5798250000000003)
  near(betaCumulative(0.9, 2.0, 5.0), 0.999945)
  near(betaCumulative(0.5, 1.0, 1.0), 0.5)
  near(betaCumulative(0.97, 30.0, 1.0), 0.4010070685431575)
  near(betaCumulative(0.01, 0.2, 8.0), 0.6431119200698497)
})

test("the beta quantile is SciPy's", () => {
  near(betaQuantile(0.1, 0.5, 0.5), 0.024471741852423214)
  near(betaQuantile(0.3, 2.0, 5.0), 0.18180347131894917)
  near(betaQuantile(0.9, 2.0, 5.0), 0.5103163065514917)
  near(betaQuantile(0.5, 1.0, 1.0), 0.5)
})

test("the logarithm of the gamma function is SciPy's", () => {
  near(logGamma(0.1), 2.252712651734206)
  near(logGamma(0.5), 0.5723649429247)
  near(logGamma(1.5), -0.12078223763524526)
  near(logGamma(3.0), Math.LN2)
  near(logGamma(10.0), 12.801827480081469)
  near(logGamma(171.0), 706.5730622457875)
})

test('the inverses of the distribution functions are inverses', () => {
  for (let x = -8; x <= 5; x += 0.37) near(normalQuantile(normalCumulative(x)), x, 1e-10)
  for (const [a, b] of [
    [0.5, 0.5],
    [2, 5],
    [30, 1],
  ])
    for (let p = 0.01; p < 1; p += 0.07) near(betaCumulative(betaQuantile(p, a, b), a, b), p, 1e-11)
})

test('the ends of the normal quantile are infinite, and outside of them there is none', () => {
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY)
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY)
  assert.ok(
    Number.isNaN(normalQuantile(-0.1)) && Number.isNaN(normalQuantile(1.1)) && Number.isNaN(normalQuantile(Number.NaN)),
  )
})
