import { type FunctionBuilder, i32, type Local, type ModuleBuilder, type V128, v128 } from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import { emitPackMatrix, packedFloats, transpose4 } from '../gemm/pack.ts'
import { defineKernel, type Kernel, lesserOf, unravel } from '../kernel.ts'
import { cutPanels, type Panel } from '../partition.ts'
import { forwardByWinograd, inputGradientByWinograd } from '../winograd/applies.ts'
import { transformSquare, transformWeights } from '../winograd/transforms.ts'
import { depthwisePanelVectors } from './depthwise.ts'
import { emitPackNarrowWeights, isNarrow } from './narrowWeights.ts'
import { type Conv2dSpec, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'
import { columnClasses, rowClasses } from './taps.ts'
import { winogradFloats, winogradPointFloats } from './weightLayout.ts'

/** One packed matrix: k runs over chosen taps, then channels; and where it starts behind the pointer. */
export interface PackedTaps {
  readonly taps: readonly number[]
  readonly offset: number
}

/** The packed matrices of the input gradient, one a class of pixels (rows of classes first), and their floats in all. */
export function inputGradientPacking(spec: Conv2dSpec): {
  readonly matrices: readonly PackedTaps[]
  readonly floats: number
} {
  const matrices: PackedTaps[] = []
  let floats = 0
  for (const rows of rowClasses(spec))
    for (const columns of columnClasses(spec)) {
      const taps = rows.taps.flatMap((y) => columns.taps.map((x) => y * spec.kernelWidth + x))
      matrices.push({ taps, offset: floats })
      if (inputGradientByWinograd(spec)) floats += winogradFloats(spec.outChannels, spec.inChannels)
      else
        floats += isDepthwise(spec)
          ? packedFloats(taps.length, spec.inChannels)
          : spec.groups * packedFloats(taps.length * groupOutChannels(spec), groupInChannels(spec))
    }
  return { matrices, floats }
}

/**
 * Emits the packing of weights [out][in][y][x] (PyTorch's order) for `emitConv2d`: panels [panel][y][x][in][out].
 * Pointers: `matrix` (the weights), `packed`.
 */
export function emitPackConv2dWeights(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape },
): Kernel {
  const taps = spec.kernelHeight * spec.kernelWidth
  const all = Array.from({ length: taps }, (_, tap) => tap)
  if (isDepthwise(spec)) return emitPackDepthwise(m, spec, [{ taps: all, offset: 0 }])
  if (isNarrow(spec)) return emitPackNarrowWeights(m, spec)
  const [inChannels, outChannels] = [groupInChannels(spec), groupOutChannels(spec)]
  if (taps === 1)
    return emitPackMatrix(
      m,
      { k: inChannels, n: outChannels, batch: spec.groups, layout: { transposed: true } },
      options,
    )
  return emitPackTaps(m, {
    name: `pack weights ${spec.kernelHeight}x${spec.kernelWidth} ${spec.inChannels}->${spec.outChannels}`,
    groups: spec.groups,
    groupFloats: inChannels * outChannels * taps,
    taps,
    columns: outChannels,
    columnFloats: inChannels * taps,
    depth: inChannels,
    depthFloats: taps,
    matrices: [{ taps: all, offset: 0 }],
    winograd: forwardByWinograd(spec),
    tile: options.tile,
  })
}

/**
 * Emits the packing of weights [out][in][y][x] for `emitConv2dInputGradient`: flipped, channels exchanged, one matrix
 * for each class of input pixels. Pointers: `matrix` (the weights), `packed`.
 */
export function emitPackInputGradientWeights(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape },
): Kernel {
  const taps = spec.kernelHeight * spec.kernelWidth
  const [inChannels, outChannels] = [groupInChannels(spec), groupOutChannels(spec)]
  if (isDepthwise(spec)) return emitPackDepthwise(m, spec, inputGradientPacking(spec).matrices)
  return emitPackTaps(m, {
    name: `pack flipped weights ${spec.kernelHeight}x${spec.kernelWidth} ${spec.inChannels}->${spec.outChannels}`,
    groups: spec.groups,
    groupFloats: inChannels * outChannels * taps,
    taps,
    columns: inChannels,
    columnFloats: taps,
    depth: outChannels,
    depthFloats: inChannels * taps,
    matrices: inputGradientPacking(spec).matrices,
    winograd: inputGradientByWinograd(spec),
    tile: options.tile,
  })
}

function emitPackDepthwise(m: ModuleBuilder, spec: Conv2dSpec, matrices: readonly PackedTaps[]): Kernel {
  const taps = spec.kernelHeight * spec.kernelWidth
  return emitPackTaps(m, {
    name: `pack weights ${spec.kernelHeight}x${spec.kernelWidth} depthwise ${spec.inChannels}`,
    groups: 1,
    groupFloats: spec.inChannels * taps,
    taps,
    columns: spec.inChannels,
    columnFloats: taps,
    depth: 1,
    depthFloats: taps,
    matrices,
    tile: { vectors: depthwisePanelVectors },
  })
}

interface TapPacking {
  readonly name: string
  readonly groups: number
  readonly groupFloats: number
  readonly taps: number
  /** The packed columns, and floats between them in the weights. */
  readonly columns: number
  readonly columnFloats: number
  /** Channels that k runs over, and floats between them in the weights. */
  readonly depth: number
  readonly depthFloats: number
  readonly matrices: readonly PackedTaps[]
  /** Transforms the nine taps to the 36 points of Winograd's algorithm, with a packed matrix each. */
  readonly winograd?: boolean
  readonly tile: Pick<TileShape, 'vectors'>
}

const depthPerUnit = 16

function emitPackTaps(m: ModuleBuilder, packing: TapPacking): Kernel {
  const { groups, taps, columns, depth, matrices, tile } = packing
  const panels = cutPanels(columns, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const blocks = Math.ceil(depth / depthPerUnit)
  const shape = {
    name: packing.name,
    pointers: ['matrix', 'packed'] as const,
    units: groups * panelCount * blocks,
    flops: 0,
    bytes: 8 * groups * packing.groupFloats,
  }
  return defineKernel(m, shape, (f, unit, { matrix, packed }) => {
    const [group, panel, block] = unravel(f, unit, [groups, panelCount, blocks]) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ]
    const first = f.let(i32.mul(block, depthPerUnit))
    const end = f.let(lesserOf(f, i32.add(first, depthPerUnit), depth))
    const firstColumn = f.let(i32.mul(panel, 4 * tile.vectors))
    const start = i32.add(i32.mul(firstColumn, packing.columnFloats), i32.mul(first, packing.depthFloats))
    const from = f.let(i32.add(matrix, i32.mul(i32.add(start, i32.mul(group, packing.groupFloats)), 4)))
    for (const kind of panels) {
      const isLast = i32.eq(panel, panelCount - 1)
      const isThis = panels.length === 1 ? 1 : kind.columns < 4 * tile.vectors ? isLast : i32.eqz(isLast)
      f.if(isThis, () => {
        const targets = matrices.map(({ taps: chosen, offset }) => {
          const k = packing.winograd ? depth : chosen.length * depth
          const panelStart = i32.add(i32.mul(group, packedFloats(k, columns)), i32.mul(firstColumn, k))
          const at = i32.add(panelStart, i32.mul(first, 4 * kind.vectors))
          return f.let(i32.add(packed, i32.mul(i32.add(at, offset), 4)))
        })
        f.for(f.local('i32'), 0, i32.sub(end, first), 1, () => {
          emitChannel(f, packing, kind, from, targets, taps)
          f.increment(from, 4 * packing.depthFloats)
          for (const target of targets) f.increment(target, 16 * kind.vectors)
        })
      })
    }
  })
}

/** All taps of one channel of k, for the columns of one panel: blocks of 4 columns × 4 taps, transposed in registers. */
function emitChannel(
  f: FunctionBuilder,
  packing: TapPacking,
  { vectors, columns }: Panel,
  from: Local<'i32'>,
  targets: readonly Local<'i32'>[],
  taps: number,
): void {
  const rowBytes = 16 * vectors
  for (let v = 0; v < vectors; v++) {
    const lanes = Math.min(4, columns - 4 * v)
    const at = (lane: number, tap: number): number => 4 * ((4 * v + lane) * packing.columnFloats + tap)
    const byTap: V128[] = []
    for (let tap = 0; tap < taps; tap += 4) {
      if (taps < 4) {
        for (let t = 0; t < taps; t++) {
          let vector: V128 = v128.zero()
          for (let lane = 0; lane < lanes; lane++) vector = v128.load32Lane(from, vector, lane, { offset: at(lane, t) })
          byTap[t] = f.let(vector)
        }
        break
      }
      // The last block overlaps the one before, so that it reads nothing behind the weights.
      const start = Math.min(tap, taps - 4)
      const rows = [0, 1, 2, 3].map((lane) =>
        lane < lanes ? f.let(v128.load(from, { offset: at(lane, start), align: 4 })) : v128.zero(),
      ) as [V128, V128, V128, V128]
      const columnsOfTaps = transpose4(f, rows)
      for (let t = tap; t < Math.min(taps, tap + 4); t++) byTap[t] = f.let(columnsOfTaps[t - start]!)
    }
    if (packing.winograd) {
      const inOrder = packing.matrices[0]!.taps.map((tap) => byTap[tap]!)
      transformSquare(f, transformWeights, inOrder).forEach((vector, point) => {
        const offset = 4 * point * winogradPointFloats(packing.depth, packing.columns) + 16 * v
        f.store(targets[0]!, vector, { offset })
      })
      continue
    }
    packing.matrices.forEach(({ taps: chosen }, matrix) => {
      chosen.forEach((tap, position) => {
        f.store(targets[matrix]!, byTap[tap]!, { offset: position * packing.depth * rowBytes + 16 * v })
      })
    })
  }
}
