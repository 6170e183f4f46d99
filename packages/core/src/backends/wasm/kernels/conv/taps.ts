import type { Conv2dSpec } from './spec.ts'

/** Taps of one axis that reach the input pixels of one class, in the order of the output gradient's pixels. */
export interface AxisTaps {
  /** Input positions of this class are `first`, `first + stride`, …, `count` of them. */
  readonly first: number
  readonly count: number
  /** Positions in the kernel; the k-th reads the output gradient at q + origin + k · step. */
  readonly taps: readonly number[]
  readonly origin: number
  readonly step: number
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * Splits the input positions of one axis into `stride` classes, for each of which the input gradient is a plain
 * convolution of stride 1: position i = stride · q + first receives output o through tap t where
 * i + pad = stride · o + dilation · t.
 */
export function inputGradientClasses(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  pad: number,
): readonly AxisTaps[] {
  const classes: AxisTaps[] = []
  for (let first = 0; first < Math.min(stride, size); first++) {
    const taps: number[] = []
    for (let tap = kernel - 1; tap >= 0; tap--) if ((first + pad - dilation * tap) % stride === 0) taps.push(tap)
    const origin = taps.length > 0 ? (first + pad - dilation * taps[0]!) / stride : 0
    const count = Math.ceil((size - first) / stride)
    classes.push({ first, count, taps, origin, step: dilation / gcd(stride, dilation) })
  }
  return classes
}

export const rowClasses = (spec: Conv2dSpec): readonly AxisTaps[] =>
  inputGradientClasses(spec.inHeight, spec.kernelHeight, spec.strideY, spec.dilationY, spec.padTop)

export const columnClasses = (spec: Conv2dSpec): readonly AxisTaps[] =>
  inputGradientClasses(spec.inWidth, spec.kernelWidth, spec.strideX, spec.dilationX, spec.padLeft)
