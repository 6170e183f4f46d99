import {
  type FunctionBuilder,
  f32,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import { transpose4 } from '../gemm/pack.ts'
import { defineKernel, type Kernel, lesserOf, unravel } from '../kernel.ts'
import { cutPanels } from '../partition.ts'
import { weightGradientByWinograd } from '../winograd/applies.ts'
import { transformSquare, transformWeightGradient } from '../winograd/transforms.ts'
import { depthwisePanelVectors } from './depthwise.ts'
import { emitReduceNarrow, isNarrow } from './narrowWeights.ts'
import { type Conv2dSpec, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'
import { asPacked, weightGradientFloats, winogradPointFloats } from './weightLayout.ts'

const channelsPerUnit = 8

/**
 * Emits the sum of the partial weight gradients, in the order of the chunks, written as PyTorch's [out][in][y][x].
 * Pointers: `partials`, `weightGradient`. With `accumulate` it adds to what is there.
 */
export function emitReduceWeightGradient(
  m: ModuleBuilder,
  convolution: Conv2dSpec,
  chunks: number,
  options: { readonly tile: TileShape; readonly accumulate?: boolean },
): Kernel {
  const spec = asPacked(convolution)
  const { groups } = spec
  const { accumulate = false } = options
  if (isNarrow(convolution)) return emitReduceNarrow(m, convolution, chunks, accumulate)
  const tile = isDepthwise(convolution) ? { vectors: depthwisePanelVectors } : options.tile
  const taps = spec.kernelHeight * spec.kernelWidth
  const winograd = weightGradientByWinograd(convolution)
  const [inChannels, outChannels] = [groupInChannels(spec), groupOutChannels(spec)]
  const chunkBytes = 4 * weightGradientFloats(convolution)
  const panels = cutPanels(outChannels, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const blocks = Math.ceil(inChannels / channelsPerUnit)
  const shape = {
    name: `reduce weight gradient ${spec.kernelHeight}x${spec.kernelWidth} ${spec.inChannels}->${spec.outChannels} of ${chunks}`,
    pointers: ['partials', 'weightGradient'] as const,
    units: groups * panelCount * blocks,
    flops: (chunks * chunkBytes) / 4,
    bytes: (chunks + 1) * chunkBytes,
  }
  return defineKernel(m, shape, (f, unit, { partials, weightGradient }) => {
    const [group, panel, block] = unravel(f, unit, [groups, panelCount, blocks]) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ]
    const first = f.let(i32.mul(block, channelsPerUnit))
    const end = f.let(lesserOf(f, i32.add(first, channelsPerUnit), inChannels))
    const firstColumn = f.let(i32.mul(panel, 4 * tile.vectors))
    const out = i32.add(i32.mul(group, outChannels), firstColumn)
    const to = f.let(i32.add(weightGradient, i32.mul(i32.add(i32.mul(out, inChannels), first), 4 * taps)))
    for (const { vectors, columns } of panels) {
      const isLast = i32.eq(panel, panelCount - 1)
      const isThis = panels.length === 1 ? 1 : columns < 4 * tile.vectors ? isLast : i32.eqz(isLast)
      f.if(isThis, () => {
        const panelBytes = 4 * inChannels * (winograd ? 1 : taps)
        const start = i32.add(i32.mul(firstColumn, panelBytes), i32.mul(first, 16 * vectors))
        const from = f.let(i32.add(i32.add(partials, start), i32.mul(group, chunkBytes / groups)))
        f.for(f.local('i32'), 0, i32.sub(end, first), 1, () => {
          for (let v = 0; v < vectors; v++) {
            const added = winograd
              ? { taps: 36, tapBytes: 4 * winogradPointFloats(inChannels, outChannels) }
              : { taps, tapBytes: 16 * vectors * inChannels }
            const totals = emitSums(f, from, v, { ...added, chunks, chunkBytes })
            const sums = winograd ? transformSquare(f, transformWeightGradient, totals) : totals
            const lanes = Math.min(4, columns - 4 * v)
            emitScatter(f, to, sums, { lanes, firstLane: 4 * v, laneBytes: 4 * taps * inChannels, accumulate })
          }
          f.increment(from, 16 * vectors)
          f.increment(to, 4 * taps)
        })
      })
    }
  })
}

/** Four output channels of one input channel: a sum over the chunks for each tap. */
function emitSums(
  f: FunctionBuilder,
  from: Local<'i32'>,
  vector: number,
  shape: { readonly taps: number; readonly tapBytes: number; readonly chunks: number; readonly chunkBytes: number },
): V128[] {
  const at = (tap: number) => ({ offset: tap * shape.tapBytes + 16 * vector, align: 4 })
  const sums = Array.from({ length: shape.taps }, (_, tap) => f.let(v128.load(from, at(tap))))
  if (shape.chunks > 1) {
    const address = f.let(from)
    f.for(f.local('i32'), 1, shape.chunks, 1, () => {
      f.increment(address, shape.chunkBytes)
      sums.forEach((sum, tap) => {
        f.set(sum, f32x4.add(sum, v128.load(address, at(tap))))
      })
    })
  }
  return sums
}

/** Writes the taps of each output channel next to each other. */
function emitScatter(
  f: FunctionBuilder,
  to: Local<'i32'>,
  sums: readonly V128[],
  shape: {
    readonly lanes: number
    readonly firstLane: number
    readonly laneBytes: number
    readonly accumulate: boolean
  },
): void {
  const at = (lane: number, tap: number): number => (shape.firstLane + lane) * shape.laneBytes + 4 * tap
  const full = sums.length - (sums.length % 4)
  for (let tap = 0; tap < full; tap += 4) {
    const rows = transpose4(f, sums.slice(tap, tap + 4) as [V128, V128, V128, V128])
    for (let lane = 0; lane < shape.lanes; lane++) {
      const place = { offset: at(lane, tap), align: 4 }
      f.store(to, shape.accumulate ? f32x4.add(v128.load(to, place), rows[lane]!) : rows[lane]!, place)
    }
  }
  for (let tap = full; tap < sums.length; tap++)
    for (let lane = 0; lane < shape.lanes; lane++) {
      const place = { offset: at(lane, tap) }
      const value = f32x4.extractLane(sums[tap]!, lane)
      f.store(to, shape.accumulate ? f32.add(f32.load(to, place), value) : value, place)
    }
}
