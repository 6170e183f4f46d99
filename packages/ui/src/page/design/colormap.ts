/**
 * Colours for numbers. Viridis (Smith and van der Walt 2015): equal steps of the number look like equal steps of colour, also to colour-blind
 * eyes and in grey. On a light ground its palest end is left out, on a dark one its darkest.
 */
import type { Theme } from './palette.ts'

export type Rgb = readonly [number, number, number]

const viridis = ['440154', '482878', '3e4989', '31688e', '26828e', '1f9e89', '35b779', '6ece58', 'b5de2b', 'fde725']

const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
const fromLinear = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)

/** sRGB (0 to 255) to OKLab (Ottosson 2020). */
export function toOklab(rgb: Rgb): [number, number, number] {
  const [r, g, b] = rgb.map((c) => toLinear(c / 255))
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromOklab([L, a, b]: readonly number[]): [number, number, number] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  const byte = (c: number) => Math.round(255 * Math.min(1, Math.max(0, fromLinear(Math.max(0, c)))))
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

export function parseHex(hex: string): Rgb {
  const digits = hex.replace('#', '')
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)) as [number, number, number]
}

const anchors = viridis.map((hex) => toOklab(parseHex(hex)))

function sample(t: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, t)) * (anchors.length - 1)
  const low = Math.min(anchors.length - 2, Math.floor(at))
  return fromOklab(anchors[low].map((value, i) => value + (anchors[low + 1][i] - value) * (at - low)))
}

export const mapRange: { [theme in Theme]: [number, number] } = { light: [0, 0.9], dark: [0.3, 1] }

const steps = 256
const tables = new Map<Theme, string[]>()

/** The colour of a share from 0 to 1, as CSS text; NaN is grey. */
export function mapColor(share: number, theme: Theme): string {
  let table = tables.get(theme)
  if (!table) {
    const [from, to] = mapRange[theme]
    table = Array.from({ length: steps }, (_, i) => `rgb(${sample(from + ((to - from) * i) / (steps - 1)).join(' ')})`)
    tables.set(theme, table)
  }
  if (Number.isNaN(share)) return theme === 'light' ? 'rgb(150 156 166)' : 'rgb(110 118 130)'
  return table[Math.round(Math.min(1, Math.max(0, share)) * (steps - 1))]
}

/** The map as a CSS gradient, for legends. */
export function mapGradient(theme: Theme, direction = 'to right'): string {
  return `linear-gradient(${direction}, ${Array.from({ length: 12 }, (_, i) => mapColor(i / 11, theme)).join(', ')})`
}

/** Between two colours, evenly to the eye. */
export function blend(from: Rgb, to: Rgb, share: number): [number, number, number] {
  const a = toOklab(from)
  const b = toOklab(to)
  return fromOklab(a.map((value, i) => value + (b[i] - value) * Math.min(1, Math.max(0, share))))
}

export const ground: { [theme in Theme]: Rgb } = { light: [255, 255, 255], dark: [21, 24, 28] }
const full: { [theme in Theme]: Rgb } = { light: [18, 52, 150], dark: [140, 178, 255] }

/** From the ground to one hue: for how much there is of something. */
export const amount = (share: number, theme: Theme): [number, number, number] =>
  blend(ground[theme], full[theme], share)
