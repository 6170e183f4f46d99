import type { ModuleBuilder } from '../../assembler/index.ts'
import type { ConvKernel, ConvOptions, Correlation } from '../conv/correlation.ts'
import { emitWinogradByPoints, goesByPoints } from './byPoints.ts'
import { emitWinogradByTiles } from './byTiles.ts'

/**
 * Emits a 3 × 3 correlation of stride 1 by Winograd's algorithm, for results that divide into tiles of 4 × 4. Weights are
 * those of `emitPackWinogradWeights`.
 *
 * @returns Kernels to be run in turn.
 */
export function emitWinograd(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel[] {
  const { byPoints = goesByPoints(shape) } = options
  return byPoints ? emitWinogradByPoints(m, shape, options) : [emitWinogradByTiles(m, shape, options)]
}
