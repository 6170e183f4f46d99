import { type Expr, type FunctionBuilder, f32, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { defineKernel, type Kernel } from '../kernel.ts'
import type { Conv2dSpec } from './spec.ts'

/** Output channels that are too few to be the lanes of vectors. */
const mostOutChannels = 3
const leastRun = 8

/** Whether the lanes of vectors are rather the taps and input channels of a kernel row, which must be contiguous. */
export function isNarrow(spec: Conv2dSpec): boolean {
  const { groups, outChannels, kernelWidth, inChannels, dilationX, input } = spec
  const contiguous = kernelWidth === 1 || dilationX * input.pixel === inChannels
  return groups === 1 && outChannels <= mostOutChannels && contiguous && kernelWidth * inChannels >= leastRun
}

/** Floats of a kernel row's weights: whole vectors. */
export const narrowRun = (run: number): number => Math.ceil(run / 4) * 4

/** Floats of narrow weights, packed or as partial gradients, in the order [out][y][x · in, filled up]. */
export const narrowFloats = ({ outChannels, kernelHeight, kernelWidth, inChannels }: Conv2dSpec): number =>
  outChannels * kernelHeight * narrowRun(kernelWidth * inChannels)

/** Emits the packing of weights [out][in][y][x] for narrow convolutions. Pointers `matrix`, `packed`. */
export function emitPackNarrowWeights(m: ModuleBuilder, spec: Conv2dSpec): Kernel {
  const name = `pack weights ${spec.kernelHeight}x${spec.kernelWidth} ${spec.inChannels}->${spec.outChannels}`
  const shape = { name, pointers: ['matrix', 'packed'] as const, units: 1, flops: 0, bytes: 8 * narrowFloats(spec) }
  return defineKernel(m, shape, (f, _, { matrix, packed }) => {
    f.fillMemory(packed, 0, 4 * narrowFloats(spec))
    forEachWeight(f, spec, (plain, narrow) => {
      f.store(i32.add(packed, narrow), f32.load(i32.add(matrix, plain)))
    })
  })
}

/**
 * Emits the sum of narrow partial weight gradients, in the order of the chunks. Pointers `partials`, `weightGradient`.
 */
export function emitReduceNarrow(m: ModuleBuilder, spec: Conv2dSpec, chunks: number, accumulate: boolean): Kernel {
  const chunkBytes = 4 * narrowFloats(spec)
  const shape = {
    name: `reduce weight gradient ${spec.kernelHeight}x${spec.kernelWidth} ${spec.inChannels}->${spec.outChannels} of ${chunks}`,
    pointers: ['partials', 'weightGradient'] as const,
    units: 1,
    flops: chunks * narrowFloats(spec),
    bytes: (chunks + 1) * chunkBytes,
  }
  return defineKernel(m, shape, (f, _, { partials, weightGradient }) => {
    forEachWeight(f, spec, (plain, narrow) => {
      const target = f.let(i32.add(weightGradient, plain))
      const sum = f.let(accumulate ? f32.load(target) : f32.const(0))
      const address = f.let(i32.add(partials, narrow))
      f.for(f.local('i32'), 0, chunks, 1, () => {
        f.set(sum, f32.add(sum, f32.load(address)))
        f.increment(address, chunkBytes)
      })
      f.store(target, sum)
    })
  })
}

/** Visits all weights: their places in bytes among plain [out][in][y][x] and among narrow ones. */
function forEachWeight(
  f: FunctionBuilder,
  spec: Conv2dSpec,
  body: (plain: Expr<'i32'>, narrow: Expr<'i32'>) => void,
): void {
  const { outChannels, inChannels, kernelHeight, kernelWidth } = spec
  const [out, y, x, channel] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  const at = (a: Local<'i32'>, b: number, c: Local<'i32'>): Expr<'i32'> => i32.add(i32.mul(a, b), c)
  f.for(out, 0, outChannels, 1, () => {
    f.for(y, 0, kernelHeight, 1, () => {
      f.for(x, 0, kernelWidth, 1, () => {
        f.for(channel, 0, inChannels, 1, () => {
          const row = f.let(at(f.let(at(out, inChannels, channel)), kernelHeight, y))
          const run = f.let(at(f.let(at(out, kernelHeight, y)), narrowRun(kernelWidth * inChannels), x))
          const narrow = i32.add(run, i32.sub(i32.add(i32.mul(x, inChannels), channel), x))
          body(i32.mul(at(row, kernelWidth, x), 4), i32.mul(narrow, 4))
        })
      })
    })
  })
}
