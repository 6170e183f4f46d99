import { createImage, type Image } from '../image/image.ts'

/** Where the pixels of a new picture come from: an affine map of their places, after a displacement. */
export interface Warp {
  /** Source x = a·x + b·y + c, source y = d·x + e·y + f, in pixels, with pixel centres at half numbers. */
  matrix: readonly [a: number, b: number, c: number, d: number, e: number, f: number]
  displacement?: Displacement
}

/** Displacements in pixels at the knots of a grid, joined by cubic B-splines: `cells + 3` knots a side. */
export interface Displacement {
  cells: number
  dx: Float64Array
  dy: Float64Array
}

/**
 * Draws a picture and its mask as a warp shows them, in one pass: the picture bilinearly, the mask by nearest. What comes from
 * beyond the border is black.
 */
export function warpPair(image: Image, mask: Image, warp: Warp): { image: Image; mask: Image } {
  const { width, height, channels } = image
  const result = createImage(width, height, channels)
  const resultMask = createImage(width, height)
  const [a, b, c, d, e, f] = warp.matrix
  const rowX = new Float64Array(width)
  const rowY = new Float64Array(width)
  const spline = warp.displacement ? splineRows(warp.displacement, width, height) : undefined
  for (let y = 0; y < height; y++) {
    spline?.(y, rowX, rowY)
    for (let x = 0; x < width; x++) {
      const px = x + 0.5 + rowX[x]
      const py = y + 0.5 + rowY[x]
      const sx = a * px + b * py + c
      const sy = d * px + e * py + f
      const at = y * width + x
      if (sx >= 0 && sy >= 0 && sx < width && sy < height)
        resultMask.data[at] = mask.data[Math.floor(sy) * width + Math.floor(sx)]
      sample(image, sx - 0.5, sy - 0.5, result.data, at * channels)
    }
  }
  return { image: result, mask: resultMask }
}

/** The bilinear value at a place given in pixel indices, black beyond the border. */
function sample({ data, width, height, channels }: Image, x: number, y: number, into: Float32Array, at: number): void {
  const left = Math.floor(x)
  const top = Math.floor(y)
  if (left < -1 || top < -1 || left >= width || top >= height) return
  const fx = x - left
  const fy = y - top
  const hasLeft = left >= 0
  const hasRight = left + 1 < width
  const hasTop = top >= 0
  const hasBottom = top + 1 < height
  const from = (top * width + left) * channels
  for (let channel = 0; channel < channels; channel++) {
    const p = from + channel
    const upper = (hasTop && hasLeft ? data[p] * (1 - fx) : 0) + (hasTop && hasRight ? data[p + channels] * fx : 0)
    const q = p + width * channels
    const lower =
      (hasBottom && hasLeft ? data[q] * (1 - fx) : 0) + (hasBottom && hasRight ? data[q + channels] * fx : 0)
    into[at + channel] = upper + (lower - upper) * fy
  }
}

/** Displacements row by row: the four knot rows that bear on a row are joined first, then each pixel takes four knots. */
function splineRows(
  { cells, dx, dy }: Displacement,
  width: number,
  height: number,
): (y: number, rowX: Float64Array, rowY: Float64Array) => void {
  const knots = cells + 3
  const columns = Array.from({ length: width }, (_, x) => basis(((x + 0.5) / width) * cells))
  const joinedX = new Float64Array(knots)
  const joinedY = new Float64Array(knots)
  return (y, rowX, rowY) => {
    const row = basis(((y + 0.5) / height) * cells)
    for (let knot = 0; knot < knots; knot++) {
      let sumX = 0
      let sumY = 0
      for (let tap = 0; tap < 4; tap++) {
        const at = (row.first + tap) * knots + knot
        sumX += row.weights[tap] * dx[at]
        sumY += row.weights[tap] * dy[at]
      }
      joinedX[knot] = sumX
      joinedY[knot] = sumY
    }
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]
      rowX[x] =
        weights[0] * joinedX[first] +
        weights[1] * joinedX[first + 1] +
        weights[2] * joinedX[first + 2] +
        weights[3] * joinedX[first + 3]
      rowY[x] =
        weights[0] * joinedY[first] +
        weights[1] * joinedY[first + 1] +
        weights[2] * joinedY[first + 2] +
        weights[3] * joinedY[first + 3]
    }
  }
}

/** The uniform cubic B-spline's four weights at a place. */
function basis(place: number): { first: number; weights: [number, number, number, number] } {
  const first = Math.floor(place)
  const t = place - first
  const s = 1 - t
  return {
    first,
    weights: [
      (s * s * s) / 6,
      (3 * t * t * t - 6 * t * t + 4) / 6,
      (3 * s * s * s - 6 * s * s + 4) / 6,
      (t * t * t) / 6,
    ],
  }
}
