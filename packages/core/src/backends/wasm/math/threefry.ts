import { threefryRotations } from '../../../random/threefry.ts'
import { type Expr, type FunctionBuilder, f32x4, i32x4, type V128, v128 } from '../assembler/index.ts'

const rotateLeft = (x: V128, by: number): V128 => v128.or(i32x4.shl(x, by), i32x4.shrU(x, 32 - by))

/**
 * The first words of Threefry-2×32-20 for four counters at once, as `threefry2x32` in `src/random/threefry.ts` computes
 * them. Give the keys and the second counter word as locals: V8 joins two vectors only where both splat the same value.
 *
 * @param counter0 First counter words, four integers: the indices of the elements.
 */
export function emitThreefry(
  f: FunctionBuilder,
  key0: Expr<'i32'>,
  key1: Expr<'i32'>,
  counter0: V128,
  counter1: Expr<'i32'>,
): V128 {
  const word0 = f.let(i32x4.splat(key0))
  const word1 = f.let(i32x4.splat(key1))
  const word2 = f.let(v128.xor(v128.xor(word0, word1), f.constant(i32x4.splat(0x1bd11bda))))
  const keys = [word0, word1, word2]
  let x: V128 = i32x4.add(counter0, word0)
  let y: V128 = f.let(i32x4.add(i32x4.splat(counter1), word1))
  for (let group = 0; group < 5; group++) {
    for (const rotation of threefryRotations[group % 2]!) {
      x = f.let(i32x4.add(x, y))
      y = f.let(v128.xor(rotateLeft(y, rotation), x))
    }
    x = i32x4.add(x, keys[(group + 1) % 3]!)
    y = f.let(i32x4.add(y, i32x4.add(keys[(group + 2) % 3]!, f.constant(i32x4.splat(group + 1)))))
  }
  return x
}

/** Four numbers in [0, 1) from random words, as `toUniform` computes them. */
export function emitUniform(f: FunctionBuilder, bits: V128): V128 {
  return f32x4.mul(f32x4.convertI32x4S(i32x4.shrU(bits, 8)), f.constant(f32x4.splat(2 ** -24)))
}
