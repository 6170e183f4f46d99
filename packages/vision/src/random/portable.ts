/**
 * exp, log, sine and cosine from additions and multiplications only. `Math.exp` and its sisters may differ in the last bit
 * from engine to engine, and pictures made with them would end in different weights; these give the same bits everywhere.
 * Good to about 1e-14 relative, over the ranges that images need.
 */

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** A double and its two 32-bit halves; which of them is the upper one depends on the machine. */
const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0

/** 2 to a whole power from -1022 to 1023, exactly. */
function powerOfTwo(k: number): number {
  words[HIGH] = (k + 1023) << 20
  words[1 - HIGH] = 0
  return double[0]
}

/** e to the power x, 0 where that would be subnormal. */
export function exp(x: number): number {
  if (x < -708) return 0
  if (x > 709) return Number.POSITIVE_INFINITY
  const k = Math.round(x * Math.LOG2E)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let sum = 1
  for (let n = 14; n >= 1; n--) sum = 1 + (r / n) * sum
  return sum * powerOfTwo(k)
}

/** The natural logarithm of a positive normal number. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  double[0] = x
  let exponent = (words[HIGH] >>> 20) - 1023
  words[HIGH] = (words[HIGH] & 0xfffff) | 0x3ff00000
  let mantissa = double[0]
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent += 1
  }
  // log m = 2 artanh((m - 1) / (m + 1)), |t| < 0.172
  const t = (mantissa - 1) / (mantissa + 1)
  const square = t * t
  let sum = 0
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n
  return exponent * LN2_HIGH + (2 * t * sum + exponent * LN2_LOW)
}

/** x to the power y for x ≥ 0. */
export function power(x: number, y: number): number {
  if (x === 0) return y === 0 ? 1 : 0
  return exp(y * log(x))
}

const HALF_PI_HIGH = 1.5707963267341256
const HALF_PI_LOW = 6.077100506506192e-11

function reduced(x: number, quarterTurns: number): number {
  const quarter = Math.round(x * 0.6366197723675814)
  const r = x - quarter * HALF_PI_HIGH - quarter * HALF_PI_LOW
  const square = r * r
  switch ((quarter + quarterTurns) & 3) {
    case 0:
      return sineSeries(r, square)
    case 1:
      return cosineSeries(square)
    case 2:
      return -sineSeries(r, square)
    default:
      return -cosineSeries(square)
  }
}

function sineSeries(r: number, square: number): number {
  let sum = 1
  for (let n = 16; n >= 2; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum
  return r * sum
}

function cosineSeries(square: number): number {
  let sum = 1
  for (let n = 17; n >= 1; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum
  return sum
}

/** The sine of x in radians, for |x| up to about a thousand. */
export function sin(x: number): number {
  return reduced(x, 0)
}

/** The cosine of x in radians, for |x| up to about a thousand. */
export function cos(x: number): number {
  return reduced(x, 1)
}
