export interface ImageWork {
  readonly flops: number
  /** Images times groups. */
  readonly images: number
  readonly height: number
  readonly panels: number
  /** Bytes read for one more row of results. */
  readonly rowBytes: number
  readonly weightBytes: number
}

export interface ImageCut {
  readonly rowsPerBlock: number
  readonly rowBlocks: number
  readonly panelBlocks: number
}

/** Work is cut into about this many units, unless they become smaller than a unit is worth. */
const wantedUnits = 32
const leastUnitFlops = 400_000
/** Rows that stay cached while the panels of weights pass: half of a second-level cache. */
const cachedBytes = 512 * 1024

const upTo = (limit: number): number[] => {
  const sizes: number[] = []
  for (let size = 1; size < limit; size *= 2) sizes.push(size)
  return [...sizes, limit]
}

/**
 * Cuts a convolution's results into blocks of rows × blocks of channel panels: enough of them for many threads, with as
 * little to read as possible. Every block of rows reads the weights again, every block of panels reads the rows again.
 */
export function cutImages(work: ImageWork): ImageCut {
  const { images, height, panels, rowBytes, weightBytes } = work
  const wanted = Math.max(1, Math.min(wantedUnits, Math.floor(work.flops / leastUnitFlops)))
  let best: (ImageCut & { cost: number }) | undefined
  for (const blocks of upTo(height))
    for (const panelBlocks of upTo(panels)) {
      const rowsPerBlock = Math.ceil(height / blocks)
      const rowBlocks = Math.ceil(height / rowsPerBlock)
      const units = images * rowBlocks * panelBlocks
      const passes = rowsPerBlock * rowBytes > cachedBytes ? panels : panelBlocks
      const traffic = images * (height * rowBytes * passes + rowBlocks * weightBytes)
      // Too few units idle threads: that counts as if everything were read so many times again.
      const cost = traffic * Math.max(1, wanted / units) * (1 + units / 1e5)
      if (!best || cost < best.cost) best = { rowsPerBlock, rowBlocks, panelBlocks, cost }
    }
  return best!
}
