import { erf } from '../ops/real.ts'
import { cos32, erf32, exp32, log1p32, log32, pow32, sigmoid32, sin32, tanh32 } from './index.ts'

/** What is expected of one function, for the tests of its JavaScript and of its WebAssembly. */
export interface FunctionCase {
  readonly name: string
  readonly evaluate: (x: number, y: number) => number
  /** In float64. */
  readonly reference: (x: number, y: number) => number
  /** Greatest error allowed, in units in the last place of the float32 result. */
  readonly ulps: number
  readonly x: Float32Array
  readonly y: Float32Array
}

const specials = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126)]

/** Evenly spaced points from `low` to `high`. */
function* evenly(low: number, high: number, count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield low + ((high - low) * (i + 0.5)) / count
}

/** Points of both signs whose magnitudes are spaced evenly in their logarithm, from 2^low to 2^high. */
function* byMagnitude(low: number, high: number, count: number): Generator<number> {
  for (const exponent of evenly(low, high, count >> 1)) {
    yield 2 ** exponent
    yield -(2 ** exponent)
  }
}

const float32 = (...parts: Iterable<number>[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]))

const unary = (
  name: string,
  evaluate: (x: number) => number,
  reference: (x: number) => number,
  ulps: number,
  ...points: Iterable<number>[]
): FunctionCase => {
  const x = float32(specials, ...points)
  return { name, evaluate, reference, ulps, x, y: x }
}

const wide = (): Iterable<number> => byMagnitude(-149, 127.99, 60_000)

function powCase(): FunctionCase {
  const x: number[] = []
  const y: number[] = []
  const corners = [...specials, 0.5, -0.5, 2, -2, 3, -3, 4, 8388607, 8388609, -16777215, 16777216, 1e10, -1e10, 1e38]
  for (const base of corners)
    for (const exponent of corners) {
      x.push(base)
      y.push(exponent)
    }
  const exponents = [0.5, 2, 3, -1, -7, 1 / 3, 0.1, 1.5, 17, -33, 100, 1e-3]
  for (const [i, base] of [...byMagnitude(-140, 127, 50_000)].entries()) {
    x.push(base)
    y.push(exponents[i % exponents.length]!)
  }
  // Results over the whole range, with bases near 1 and far from it.
  for (const [i, base] of [...evenly(0.3, 3, 50_000), ...evenly(0.999, 1.001, 20_000)].entries()) {
    x.push(base)
    y.push((((i * 0.618034) % 1) * 252 - 126) / Math.log2(Math.fround(base)))
  }
  return { name: 'pow', evaluate: pow32, reference: cPow, ulps: 5.5, x: float32(x), y: float32(y) }
}

/** JavaScript says that 1 to the power of NaN or ±∞ is NaN; C, IEEE 754 and PyTorch say 1. */
function cPow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y
}

/** All functions, with some 100,000 to 200,000 points each; made when asked for. */
export function functionCases(): FunctionCase[] {
  return [
    unary('exp', exp32, Math.exp, 1.1, evenly(-90, 90, 140_000), wide()),
    unary('log', log32, Math.log, 1, evenly(0, 4, 140_000), wide()),
    unary('log1p', log1p32, Math.log1p, 1, evenly(-1, 3, 140_000), wide()),
    unary('tanh', tanh32, Math.tanh, 2.2, evenly(-11, 11, 140_000), wide()),
    unary('sigmoid', sigmoid32, (x) => 1 / (1 + Math.exp(-x)), 2.3, evenly(-89, 20, 140_000), wide()),
    unary('erf', erf32, erf, 2, evenly(-4.5, 4.5, 60_000), byMagnitude(-149, 3, 40_000)),
    unary(
      'sin',
      sin32,
      Math.sin,
      2.1,
      evenly(-12_000, 12_000, 70_000),
      evenly(-7, 7, 70_000),
      byMagnitude(-149, 13.5, 60_000),
    ),
    unary(
      'cos',
      cos32,
      Math.cos,
      2.1,
      evenly(-12_000, 12_000, 70_000),
      evenly(-7, 7, 70_000),
      byMagnitude(-149, 13.5, 60_000),
    ),
    powCase(),
  ]
}

const LARGEST = 2 ** 128

/** |actual − expected| in units in the last place of float32; infinities of overflow count as 2^128, denormals may be 0. */
export function ulpError(actual: number, expected: number): number {
  if (actual !== actual || expected !== expected) return actual !== actual && expected !== expected ? 0 : Infinity
  const clamp = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value))
  const magnitude = Math.abs(expected)
  if (expected === 0 || magnitude === Infinity) return Object.is(actual, expected) ? 0 : Infinity
  if (Math.sign(actual) * Math.sign(expected) < 0) return Infinity
  if (magnitude < 2 ** -126 && actual === 0) return 0
  const exponent = Math.min(127, Math.max(-126, Math.floor(Math.log2(magnitude))))
  return Math.abs(clamp(actual) - clamp(expected)) / 2 ** (exponent - 23)
}

/** The greatest error of results against the reference, with where it is. */
export function worstError(test: FunctionCase, results: (index: number) => number): { ulps: number; at: string } {
  let worst = { ulps: 0, at: 'nowhere' }
  for (let i = 0; i < test.x.length; i++) {
    const ulps = ulpError(results(i), test.reference(test.x[i]!, test.y[i]!))
    if (ulps > worst.ulps) worst = { ulps, at: `x = ${test.x[i]}, y = ${test.y[i]}, got ${results(i)}` }
  }
  return worst
}
