/**
 * Transcendental functions on float32 with the same bits on every machine: `Math.exp` and its kin differ between engines.
 * They take and give numbers that are float32 values. The same functions are compiled into WebAssembly kernels
 * (`backends/wasm/math`); its strict flavour gives the same bits as these.
 *
 * @example
 * ```ts
 * const u = 0.25
 * const radius = Math.fround(Math.sqrt(-2 * log32(u)))
 * ```
 */
import * as erf from './erf.ts'
import * as exponential from './exp.ts'
import * as logarithm from './log.ts'
import * as power from './pow.ts'
import { scalar } from './scalar.ts'
import * as logistic from './sigmoid.ts'
import * as hyperbolic from './tanh.ts'
import * as trigonometric from './trigonometric.ts'

type Function32 = (x: number) => number

/** e^x, within 1.1 ulp. 0 below x = -87.336, where results would be denormal. */
export const exp32: Function32 = (x) => exponential.exp(scalar, Math.fround(x))
/** The natural logarithm, within 1 ulp. -∞ at 0, NaN below. */
export const log32: Function32 = (x) => logarithm.log(scalar, Math.fround(x))
/** log(1 + x), within 1 ulp also near 0. */
export const log1p32: Function32 = (x) => logarithm.log1p(scalar, Math.fround(x))
/** The hyperbolic tangent, within 2.2 ulp. */
export const tanh32: Function32 = (x) => hyperbolic.tanh(scalar, Math.fround(x))
/** 1 / (1 + e^-x), within 2.3 ulp. */
export const sigmoid32: Function32 = (x) => logistic.sigmoid(scalar, Math.fround(x))
/** The error function, within 2 ulp. */
export const erf32: Function32 = (x) => erf.erf(scalar, Math.fround(x))
/** The sine of an angle in radians, within 2.1 ulp for |x| up to 12,000; less exact beyond, but never outside [-1, 1]. */
export const sin32: Function32 = (x) => trigonometric.sin(scalar, Math.fround(x))
/** The cosine of an angle in radians, with the limits of `sin32`. */
export const cos32: Function32 = (x) => trigonometric.cos(scalar, Math.fround(x))
/** x^y, within 5.5 ulp, with the special cases of C99. 0 where the result would be denormal. */
export const pow32 = (x: number, y: number): number => power.pow(scalar, Math.fround(x), Math.fround(y))
