export interface WeightGradientWork {
  readonly tiles: number
  readonly inChannels: number
  readonly outChannels: number
  readonly panels: number
  readonly blockChannels: number
}

export interface WeightGradientCut {
  readonly chunks: number
  readonly tilesPerChunk: number
  readonly tilesPerPass: number
  /** Passes of a chunk. */
  readonly passes: number
  readonly inBlocks: number
  readonly inPerBlock: number
  readonly panelBlocks: number
}

const wantedUnits = 16
/** So many that loading and storing sums costs little, so few that transformed tiles stay in the second-level cache. */
const mostTilesPerPass = 48
const fewestTilesPerChunk = 48
/** Cycles for eight channels of a tile, to and from memory included, and for a byte of partial sums. */
const inputTransform = 110
const gradientTransform = 80
const partialByte = 0.15
/** Multiply-adds a cycle. */
const productsPerCycle = 16

const upTo = (limit: number): number[] => {
  const sizes: number[] = []
  for (let size = 1; size < limit; size *= 2) sizes.push(size)
  return [...sizes, limit]
}

/**
 * Cuts a weight gradient into chunks of tiles × blocks of input channels × blocks of output channels. A chunk costs a
 * set of partial sums; a block of channels costs transforming the other side's channels again.
 */
export function cutWeightGradient(work: WeightGradientWork): WeightGradientCut {
  const { tiles, inChannels, outChannels, panels, blockChannels } = work
  const partialBytes = 4 * 36 * inChannels * outChannels
  const products = (36 * tiles * inChannels * outChannels) / productsPerCycle
  let best: (WeightGradientCut & { cost: number }) | undefined
  for (const wantedChunks of upTo(Math.max(1, Math.floor(tiles / fewestTilesPerChunk))))
    for (const wantedIn of upTo(Math.ceil(inChannels / 32)))
      for (const panelBlocks of upTo(panels)) {
        const inPerBlock = Math.ceil(inChannels / wantedIn / blockChannels) * blockChannels
        const inBlocks = Math.ceil(inChannels / inPerBlock)
        const perChunk = Math.ceil(tiles / wantedChunks)
        const passes = Math.ceil(perChunk / mostTilesPerPass)
        const tilesPerPass = Math.ceil(perChunk / passes / 2) * 2
        const tilesPerChunk = tilesPerPass * passes
        const chunks = Math.ceil(tiles / tilesPerChunk)
        const transforms = inChannels * panelBlocks * inputTransform + outChannels * inBlocks * gradientTransform
        const cost = products + (tiles * transforms) / 8 + 3 * chunks * passes * partialBytes * partialByte
        const idle = Math.max(1, wantedUnits / (chunks * inBlocks * panelBlocks))
        const total = cost * (1 + 0.2 * (idle - 1))
        if (best && best.cost <= total) continue
        best = { chunks, tilesPerChunk, tilesPerPass, passes, inBlocks, inPerBlock, panelBlocks, cost: total }
      }
  return best!
}
