/**
 * Transcendental functions on vectors of four floats, for the insides of generated loops: each gives an expression, and
 * puts what is shared into locals before it. They are the functions of `src/math`, compiled.
 */
import { erf } from '../../../math/erf.ts'
import { exp } from '../../../math/exp.ts'
import { log, log1p } from '../../../math/log.ts'
import { pow } from '../../../math/pow.ts'
import { sigmoid } from '../../../math/sigmoid.ts'
import { tanh } from '../../../math/tanh.ts'
import { cos, sin } from '../../../math/trigonometric.ts'
import type { FunctionBuilder, V128 } from '../assembler/index.ts'
import { vectors } from './vectors.ts'

export { emitThreefry, emitUniform } from './threefry.ts'

type UnaryEmitter = (f: FunctionBuilder, x: V128) => V128

export const emitExp: UnaryEmitter = (f, x) => exp(vectors(f), x)
export const emitLog: UnaryEmitter = (f, x) => log(vectors(f), x)
export const emitLog1p: UnaryEmitter = (f, x) => log1p(vectors(f), x)
export const emitTanh: UnaryEmitter = (f, x) => tanh(vectors(f), x)
export const emitSigmoid: UnaryEmitter = (f, x) => sigmoid(vectors(f), x)
export const emitErf: UnaryEmitter = (f, x) => erf(vectors(f), x)
export const emitSin: UnaryEmitter = (f, x) => sin(vectors(f), x)
export const emitCos: UnaryEmitter = (f, x) => cos(vectors(f), x)
export const emitPow = (f: FunctionBuilder, x: V128, y: V128): V128 => pow(vectors(f), x, y)
