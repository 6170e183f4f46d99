import type { Node } from '../../../graph/node.ts'
import { sizeOf, stridesOf } from '../../../tensor/shape.ts'
import { f32, i32, type Local } from '../assembler/index.ts'
import { defineKernel, unravel } from '../kernels/kernel.ts'
import type { LoweringContext, Step } from './step.ts'

/** Zeros, then one element after the other added in the order of the index: no two threads meet, the order is fixed. */
export function lowerScatterAdd(node: Node, { module }: LoweringContext): Step[] {
  const [x, index] = node.inputs
  const { axis, size } = node.attrs as { axis: number; size: number }
  const strides = stridesOf(node.shape)
  const count = sizeOf(x.shape)
  const isFloat = node.dtype === 'float32'
  const kernel = defineKernel(
    module,
    {
      name: `scatterAdd ${count}`,
      pointers: ['x', 'index', 'sums'] as const,
      units: 1,
      flops: count,
      bytes: 12 * count,
    },
    (f, _, pointers) => {
      f.fillMemory(pointers.sums, 0, 4 * sizeOf(node.shape))
      const element = f.local('i32')
      f.for(element, 0, count, 1, () => {
        const offset = f.let(i32.mul(element, 4))
        const at = f.let(i32.load(i32.add(pointers.index, offset)))
        f.if(i32.ltU(at, size), () => {
          const places: Local<'i32'>[] = unravel(f, element, x.shape)
          places[axis] = at
          const position = places.reduce<ReturnType<typeof i32.add>>(
            (sum, place, a) => i32.add(sum, i32.mul(place, 4 * strides[a])),
            pointers.sums,
          )
          const address = f.let(position)
          const source = i32.add(pointers.x, offset)
          if (isFloat) f.store(address, f32.add(f32.load(address), f32.load(source)))
          else f.store(address, i32.add(i32.load(address), i32.load(source)))
        })
      })
    },
  )
  return [{ kernel, operands: [{ node: x }, { node: index }, { node }] }]
}
