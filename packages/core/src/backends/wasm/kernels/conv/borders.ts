import { forwardByWinograd, inputGradientByWinograd, weightGradientByWinograd } from '../winograd/applies.ts'
import { tileOutputs, tilePoints } from '../winograd/transforms.ts'
import type { Border, Conv2dSpec } from './spec.ts'
import { type AxisTaps, columnClasses, rowClasses } from './taps.ts'

/** Pixels that Winograd's algorithm reads behind an image of `size`, from `before` in front of it, for `results`. */
function behindTiles(results: number, before: number, size: number): number {
  return Math.ceil(results / tileOutputs) * tileOutputs + tilePoints - tileOutputs - before - size
}

/** Zeros that the forward convolution and the weight gradient read around the input. */
export function inputBorder(spec: Conv2dSpec): Border {
  const behind = (out: number, stride: number, kernel: number, dilation: number, pad: number, size: number): number => {
    const plain = (out - 1) * stride + (kernel - 1) * dilation - pad - (size - 1)
    const byTiles = forwardByWinograd(spec) || weightGradientByWinograd(spec) ? behindTiles(out, pad, size) : 0
    return Math.max(0, plain, byTiles)
  }
  return {
    top: spec.padTop,
    bottom: behind(spec.outHeight, spec.strideY, spec.kernelHeight, spec.dilationY, spec.padTop, spec.inHeight),
    left: spec.padLeft,
    right: behind(spec.outWidth, spec.strideX, spec.kernelWidth, spec.dilationX, spec.padLeft, spec.inWidth),
  }
}

/** Zeros that the input gradient reads around the output's gradient. */
export function outputGradientBorder(spec: Conv2dSpec): Border {
  const reach = (classes: readonly AxisTaps[], results: number, size: number): readonly [number, number] => {
    let before = 0
    let behind = 0
    for (const { taps, origin, step, count } of classes) {
      if (taps.length === 0) continue
      before = Math.max(before, -origin)
      behind = Math.max(behind, count - 1 + origin + (taps.length - 1) * step - (size - 1))
      if (inputGradientByWinograd(spec)) behind = Math.max(behind, behindTiles(results, -origin, size))
    }
    return [before, behind]
  }
  const [top, bottom] = reach(rowClasses(spec), spec.inHeight, spec.outHeight)
  const [left, right] = reach(columnClasses(spec), spec.inWidth, spec.outWidth)
  return { top, bottom, left, right }
}

/** Zeros that the weight gradient reads around the output's gradient. */
export function weightGradientBorder(spec: Conv2dSpec): Border {
  const behind = (size: number): number =>
    weightGradientByWinograd(spec) ? Math.ceil(size / tileOutputs) * tileOutputs - size : 0
  return { top: 0, bottom: behind(spec.outHeight), left: 0, right: behind(spec.outWidth) }
}

/** The wider of two borders on each side. */
export function joinBorders(a: Border, b: Border): Border {
  return {
    top: Math.max(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
    left: Math.max(a.left, b.left),
    right: Math.max(a.right, b.right),
  }
}
