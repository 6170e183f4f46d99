import { cutBlocks } from '../partition.ts'

export interface TileWork {
  readonly tiles: number
  readonly inChannels: number
  readonly outChannels: number
  readonly panels: number
  readonly tileRows: number
}

export interface TileCut {
  readonly tilesPerBlock: number
  readonly blocks: number
  readonly panelBlocks: number
}

/** Transformed inputs and products of a block should leave most of a second-level cache to weights and images. */
const cachedFloats = 40 * 1024
/** Fewer tiles than this would read the weights too often; more gain nothing. */
const [fewestTiles, mostTiles] = [10, 120]
const wantedUnits = 16
/** Splitting channels repeats the inputs' transform: not below this many output panels. */
const fewestPanels = 4

/** Cuts tiles into blocks, and where these are too few for many threads, output channels as well. */
export function cutTiles(work: TileWork): TileCut {
  const { tiles, inChannels, outChannels, panels } = work
  const cached = Math.floor(cachedFloats / (36 * (inChannels + outChannels)))
  const most = Math.min(mostTiles, Math.max(fewestTiles, cached))
  // Small blocks before split channels.
  const shared = Math.max(work.tileRows, Math.floor(tiles / wantedUnits))
  const { length, count } = cutBlocks(tiles, Math.min(most, shared), work.tileRows, 0.2)
  const panelBlocks = Math.max(1, Math.min(Math.floor(panels / fewestPanels), Math.ceil(wantedUnits / count)))
  return { tilesPerBlock: length, blocks: count, panelBlocks }
}
