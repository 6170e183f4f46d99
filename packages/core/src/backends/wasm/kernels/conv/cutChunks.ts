export interface PixelWork {
  readonly flops: number
  readonly images: number
  readonly groups: number
  readonly height: number
  readonly width: number
  /** Bytes of both operands a row of results. */
  readonly rowBytes: number
  readonly panels: number
  readonly partialBytes: number
}

export interface ChunkCut {
  /** Several whole images, or a block of rows of one. */
  readonly chunks: number
  readonly imagesPerChunk: number
  readonly rowBlocks: number
  readonly rowsPerBlock: number
  /** Rows gone through for all weights before the next ones, so that they stay cached; and how often at most. */
  readonly rowsPerPass: number
  readonly passes: number
  readonly panelBlocks: number
}

const wantedUnits = 32
const leastUnitFlops = 400_000
const mostPassPixels = 256
const mostPassBytes = 384 * 1024

/**
 * Cuts the sum over pixels into chunks × blocks of output channels. A chunk costs a set of partial weights to write and
 * read again; a block of channels costs reading both operands again.
 */
export function cutChunks(work: PixelWork): ChunkCut {
  const { images, height, width, rowBytes, panels, partialBytes } = work
  const wanted = Math.max(1, Math.min(wantedUnits, Math.floor(work.flops / leastUnitFlops)))
  let best: (ChunkCut & { cost: number }) | undefined
  for (const [imagesPerChunk, wantedBlocks] of chunkSizes(images, height))
    for (let panelBlocks = 1; panelBlocks <= panels; panelBlocks++) {
      const rowsPerBlock = Math.ceil(height / wantedBlocks)
      const rowBlocks = Math.ceil(height / rowsPerBlock)
      const chunks = Math.ceil(images / imagesPerChunk) * rowBlocks
      const units = chunks * panelBlocks * work.groups
      const traffic = images * height * rowBytes * panelBlocks + 4 * chunks * partialBytes
      const cost = traffic * Math.max(1, wanted / units) * (1 + units / 1e5)
      if (best && best.cost <= cost) continue
      const cachedRows = Math.max(1, Math.floor(Math.min(mostPassPixels / width, mostPassBytes / rowBytes)))
      const rowsPerPass = Math.min(rowsPerBlock, cachedRows)
      const passes = imagesPerChunk * Math.ceil(rowsPerBlock / rowsPerPass)
      best = { chunks, imagesPerChunk, rowBlocks, rowsPerBlock, rowsPerPass, passes, panelBlocks, cost }
    }
  return best!
}

/** Whole images together, or one image in blocks of rows: powers of two, and everything. */
function chunkSizes(images: number, height: number): [imagesPerChunk: number, rowBlocks: number][] {
  const sizes: [number, number][] = [[images, 1]]
  for (let together = 1; together < images; together *= 2) sizes.push([together, 1])
  for (let blocks = 2; blocks < height; blocks *= 2) sizes.push([1, blocks])
  if (height > 1) sizes.push([1, height])
  return sizes
}
