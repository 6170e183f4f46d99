import { TrainyardError } from '../errors.ts'

/** Changes a sample, or a part of one. */
export type Transform<In, Out> = (value: In) => Out

/**
 * Applies transforms one after another.
 *
 * @example
 * ```ts
 * const prepare = data.transforms.compose(data.transforms.toUnit(), data.transforms.normalize(0.5, 0.5))
 * console.log(prepare(Uint8Array.of(0, 255))) // Float32Array [-1, 1]
 * ```
 */
export function compose<A, B>(...steps: [Transform<A, B>]): Transform<A, B>
export function compose<A, B, C>(...steps: [Transform<A, B>, Transform<B, C>]): Transform<A, C>
export function compose<A, B, C, D>(...steps: [Transform<A, B>, Transform<B, C>, Transform<C, D>]): Transform<A, D>
export function compose<A>(...steps: Transform<A, A>[]): Transform<A, A>
export function compose(...steps: Transform<unknown, unknown>[]): Transform<unknown, unknown> {
  return (value) => steps.reduce((current, step) => step(current), value)
}

/** Bytes 0..255 to numbers from 0 to 1. */
export function toUnit(): Transform<Uint8Array | Uint8ClampedArray, Float32Array> {
  return (bytes) => Float32Array.from(bytes, (byte) => byte / 255)
}

/**
 * Takes off a mean and divides by a deviation.
 *
 * @param mean One number, or one for each channel of an image [C, H, W].
 * @param deviation As many.
 */
export function normalize(
  mean: number | readonly number[],
  deviation: number | readonly number[],
): Transform<Float32Array, Float32Array> {
  const means = typeof mean === 'number' ? [mean] : mean
  const deviations = typeof deviation === 'number' ? [deviation] : deviation
  if (means.length !== deviations.length || means.length === 0 || deviations.some((d) => !(d > 0))) {
    throw new TrainyardError(
      `normalize: wants as many deviations above 0 as means, got [${means.join(', ')}] and [${deviations.join(', ')}]`,
    )
  }
  return (values) => {
    if (values.length % means.length !== 0) {
      throw new TrainyardError(`normalize: ${values.length} numbers do not have ${means.length} channels`)
    }
    const plane = values.length / means.length
    // Rounded to float32 after each operation, as PyTorch does.
    return values.map((value, i) => {
      const channel = Math.floor(i / plane)
      return Math.fround(value - Math.fround(means[channel])) / Math.fround(deviations[channel])
    })
  }
}
