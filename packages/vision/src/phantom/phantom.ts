import { createImage } from '../image/image.ts'
import type { Sample } from '../segmentation/sample.ts'
import { drawBones, spineShape } from './bones.ts'
import { drawDevices } from './devices.ts'
import { drawPhantomParameters } from './draw.ts'
import { develop } from './film.ts'
import { findingsShape } from './findings.ts'
import { frameOf } from './frame.ts'
import { type LungDepth, lungShape, lungThickness } from './lungs.ts'
import { printMarker } from './marker.ts'
import { centralShape, mediastinumShape } from './mediastinum.ts'
import type { PhantomParameters } from './parameters.ts'
import { clamp01 } from './shape.ts'
import { fractalNoise } from './texture.ts'
import { abdomenShape, breastShape, trunkShape } from './trunk.ts'
import { drawVessels } from './vessels.ts'

/** Which phantoms, and how large. */
export interface PhantomOptions {
  /** Pixels; 256 × 256 by default. */
  width?: number
  /** Pixels; 256 by default. */
  height?: number
  /** The same seed gives the same phantoms on every machine. */
  seed?: number
}

/**
 * Makes one synthetic chest film with its lung mask: an invented body with invented anatomy, findings, devices and exposure.
 * For trying a network without any patient's data; not for judging real films.
 *
 * The mask holds all of the lung, also what lies behind the heart and what is filled by disease.
 *
 * @param index Which of the endless series of phantoms; the same index and seed give the same picture, bit for bit.
 * @example
 * ```ts
 * const { image, mask } = generatePhantom(0, { width: 256, height: 256, seed: 42 })
 * console.log([image.channels, mask.width]) // [1, 256]
 * ```
 */
export function generatePhantom(index: number, options: PhantomOptions = {}): Sample {
  const { width = 256, height = 256, seed = 0 } = options
  for (const size of [width, height])
    if (!(Number.isInteger(size) && size >= 8 && size <= 4096))
      throw new RangeError(
        `generatePhantom: ${width}×${height} pixels; both sides must be whole numbers from 8 to 4096`,
      )
  const name = `phantom-${index}`
  return { name, patient: name, ...renderPhantom(drawPhantomParameters(index, seed), width, height) }
}

/**
 * Renders a phantom from its parameters. Deterministic; the same parameters show the same body at any size.
 *
 * @returns The film, values 0..1, and the mask, 0 or 1.
 */
export function renderPhantom(
  parameters: PhantomParameters,
  width: number,
  height: number,
): Pick<Sample, 'image' | 'mask'> {
  const frame = frameOf(parameters, width, height)
  const image = createImage(width, height)
  const mask = createImage(width, height)
  const rightLung = lungShape(parameters, -1)
  const leftLung = lungShape(parameters, 1)
  const bones = new Float32Array(width * height)
  drawBones(bones, frame, parameters, rightLung.lateral, leftLung.lateral)
  const vessels = new Float32Array(width * height)
  drawVessels(vessels, frame, parameters)
  const devices = new Float32Array(width * height)
  drawDevices(devices, frame, parameters)

  const trunk = trunkShape(parameters)
  const abdomen = abdomenShape(parameters)
  const breasts = breastShape(parameters)
  const spine = spineShape(parameters)
  const mediastinum = mediastinumShape(parameters)
  const central = centralShape(parameters)
  const rightFindings = findingsShape(parameters, -1)
  const leftFindings = findingsShape(parameters, 1)
  const depth: LungDepth = { lateral: 0, medial: 0, base: 0, depth: 0 }
  const edge = Math.max(0.012, 0.6 / frame.scale)
  const { lungs, seed } = parameters

  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const u = frame.u(x + 0.5, y + 0.5)
      const v = frame.v(x + 0.5, y + 0.5)
      const body = trunk(u, v)
      const side = u < 0 ? -1 : 1
      const lung = side < 0 ? rightLung : leftLung
      lung.at(u, v, depth)
      let value = body
      if (body > 0.05) value += clamp01(body * 2) * (spine(u, v) + central(u, v)) + breasts(u, v)
      if (v > 0.5 * lungs.height) value += abdomen(u, v, -depth.base) * clamp01(body * 1.6)
      let clear = 0
      const air = v > -0.05 ? lungThickness(depth, edge) : 0
      if (air > 0) {
        const across = clamp01(depth.medial / Math.max(0.05, depth.medial + depth.lateral))
        clear = (1 - mediastinum(u, v)) * (1 - (side < 0 ? rightFindings : leftFindings)(u, v, depth, across))
        const mottled = lungs.texture * fractalNoise(u * 8, v * 8, seed + 11, 4, 0.85) + vessels[at]
        clear *= air
        value -= lungs.depth * clear * (1 - mottled) * (1 - 0.15 * clamp01(v / lungs.height))
      }
      // Scatter leaves less contrast where much is in the way.
      value += bones[at] * clamp01(body * 2) * (0.4 + 0.6 * clear)
      if (depth.depth > 0) mask.data[at] = 1
      image.data[at] = value + devices[at]
    }
  develop(image.data, width, height, parameters.film, seed)
  printMarker(image.data, width, height, parameters)
  clearOutside(mask.data, width, height, parameters)
  return { image, mask }
}

/** What lies under the film's black borders is not to be found by anybody. */
function clearOutside(
  mask: Float32Array,
  width: number,
  height: number,
  { film: { borders } }: PhantomParameters,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (
        x < borders.left * width ||
        x >= width * (1 - borders.right) ||
        y < borders.top * height ||
        y >= height * (1 - borders.bottom)
      )
        mask[y * width + x] = 0
}
