import { type Conv2dSpec, groupInChannels, groupOutChannels } from '../conv/spec.ts'

/** Dense NHWC images in, all in float64: the convolution kernels' naive twins, for their tests. */

/** Calls back for every product of a convolution: indices into input, weights [out][in][y][x] and output. */
export function forEachProduct(spec: Conv2dSpec, body: (input: number, weight: number, output: number) => void): void {
  const [ci, co] = [groupInChannels(spec), groupOutChannels(spec)]
  for (let n = 0; n < spec.images; n++)
    for (let oy = 0; oy < spec.outHeight; oy++)
      for (let ox = 0; ox < spec.outWidth; ox++)
        for (let ky = 0; ky < spec.kernelHeight; ky++)
          for (let kx = 0; kx < spec.kernelWidth; kx++) {
            const iy = oy * spec.strideY + ky * spec.dilationY - spec.padTop
            const ix = ox * spec.strideX + kx * spec.dilationX - spec.padLeft
            if (iy < 0 || ix < 0 || iy >= spec.inHeight || ix >= spec.inWidth) continue
            const inPixel = ((n * spec.inHeight + iy) * spec.inWidth + ix) * spec.inChannels
            const outPixel = ((n * spec.outHeight + oy) * spec.outWidth + ox) * spec.outChannels
            for (let o = 0; o < spec.outChannels; o++)
              for (let i = 0; i < ci; i++) {
                const weight = ((o * ci + i) * spec.kernelHeight + ky) * spec.kernelWidth + kx
                body(inPixel + Math.floor(o / co) * ci + i, weight, outPixel + o)
              }
          }
}

/** A result with the sum of its terms' magnitudes, which bounds the rounding error. */
export interface Reference {
  readonly values: Float64Array
  readonly scale: Float64Array
}

function accumulate(length: number, fill: (add: (at: number, value: number) => void) => void): Reference {
  const values = new Float64Array(length)
  const scale = new Float64Array(length)
  fill((at, value) => {
    values[at]! += value
    scale[at]! += Math.abs(value)
  })
  return { values, scale }
}

const outputLength = (s: Conv2dSpec): number => s.images * s.outHeight * s.outWidth * s.outChannels
const inputLength = (s: Conv2dSpec): number => s.images * s.inHeight * s.inWidth * s.inChannels
const weightLength = (s: Conv2dSpec): number => s.outChannels * groupInChannels(s) * s.kernelHeight * s.kernelWidth

export const naiveConv2d = (spec: Conv2dSpec, input: Float32Array, weights: Float32Array): Reference =>
  accumulate(outputLength(spec), (add) => forEachProduct(spec, (i, w, o) => add(o, input[i]! * weights[w]!)))

export const naiveInputGradient = (spec: Conv2dSpec, weights: Float32Array, gradient: Float32Array): Reference =>
  accumulate(inputLength(spec), (add) => forEachProduct(spec, (i, w, o) => add(i, weights[w]! * gradient[o]!)))

export const naiveWeightGradient = (spec: Conv2dSpec, input: Float32Array, gradient: Float32Array): Reference =>
  accumulate(weightLength(spec), (add) => forEachProduct(spec, (i, w, o) => add(w, input[i]! * gradient[o]!)))
