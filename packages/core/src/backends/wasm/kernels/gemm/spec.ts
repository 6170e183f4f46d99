import type { TileShape } from '../../features/tileShape.ts'
import type { Epilogue } from '../epilogue.ts'

/** How a matrix lies in memory: rows of `leading` floats, or columns of that distance where `transposed`. */
export interface MatrixLayout {
  /** The memory holds the transpose: element (i, j) at j · leading + i. */
  readonly transposed?: boolean
  /** Floats from one stored row to the next; the stored row's length by default. */
  readonly leading?: number
  /** Floats from one matrix of the batch to the next; 0 shares one matrix. Dense by default. */
  readonly batchStride?: number
  /** Floats from the pointer to element (0, 0); 0 by default. */
  readonly offset?: number
}

/** C[m, n] = A[m, k] · B[k, n], `batch` times. */
export interface GemmSpec {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly batch?: number
  readonly a?: MatrixLayout
  /** `packed` is the layout of `emitPackMatrix` (batch stride: its size); a transposed B has to be packed. */
  readonly b?: MatrixLayout | 'packed'
  readonly c?: Omit<MatrixLayout, 'transposed'>
  /** Adds to what C holds instead of overwriting it. */
  readonly accumulate?: boolean
  /** One packed B serves every matrix of the batch. */
  readonly sharedB?: boolean
}

export interface GemmOptions {
  readonly tile: TileShape
  readonly epilogue?: Epilogue
  readonly name?: string
}

export function describeGemm({ m, n, k, batch = 1 }: GemmSpec): string {
  return `gemm ${batch > 1 ? `${batch}x` : ''}${m}x${n}x${k}`
}
