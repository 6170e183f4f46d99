/** Segmentation masks as colours over a picture: filled, as outlines, or true against predicted. */

/** A class index for every pixel. */
export interface Mask {
  width: number
  height: number
  classes: Uint8Array
}

export type Rgb = readonly [number, number, number]

/** Colours of classes: bright ones, that stand out from grey pictures, and apart for colour-blind eyes. */
export const classColors: readonly Rgb[] = [
  [64, 165, 227],
  [240, 146, 98],
  [67, 210, 177],
  [214, 90, 160],
  [251, 192, 49],
  [150, 120, 255],
  [190, 220, 110],
  [230, 60, 50],
  [176, 234, 244],
  [203, 178, 248],
]

export const classColor = (index: number): Rgb => classColors[(index + classColors.length - 1) % classColors.length]

/** Class 0 and whatever is called background says where nothing is. */
export function isBackground(index: number, name: string | undefined): boolean {
  return name === undefined ? index === 0 : /^(background|none|unlabel+ed|void|ignore)$/i.test(name.trim())
}

export type MaskStyle = 'fill' | 'outline'

/** What is looked up for every pixel: whether its class is hidden, and its colour. */
function tables(hidden: ReadonlySet<number>): { off: Uint8Array; colors: Uint8Array } {
  const off = new Uint8Array(256)
  const colors = new Uint8Array(256 * 3)
  for (let index = 0; index < 256; index++) {
    off[index] = hidden.has(index) ? 1 : 0
    colors.set(classColor(index), index * 3)
  }
  return { off, colors }
}

/** Paints a mask over RGBA pixels of the same size. Hidden classes stay clear. */
export function paintMask(
  rgba: Uint8ClampedArray,
  mask: Mask,
  hidden: ReadonlySet<number>,
  style: MaskStyle,
  opacity: number,
): void {
  const { width, height, classes } = mask
  const { off, colors } = tables(hidden)
  const outline = style === 'outline'
  const alpha = Math.round(255 * Math.min(1, Math.max(0, opacity)))
  const strength = outline ? Math.max(alpha, 200) : alpha
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const own = classes[at]
      if (off[own] === 1 || (outline && !isEdge(mask, x, y, own))) continue
      blend(rgba, at * 4, colors[own * 3], colors[own * 3 + 1], colors[own * 3 + 2], strength)
    }
}

/** A pixel whose class some neighbour (or the border of the picture) has not. */
function isEdge({ width, height, classes }: Mask, x: number, y: number, own: number): boolean {
  const at = y * width + x
  return (
    x === 0 ||
    y === 0 ||
    x === width - 1 ||
    y === height - 1 ||
    classes[at - 1] !== own ||
    classes[at + 1] !== own ||
    classes[at - width] !== own ||
    classes[at + width] !== own
  )
}

/** Lays a colour over what is there (the Porter–Duff operator “over”, colours not premultiplied). */
function blend(rgba: Uint8ClampedArray, at: number, r: number, g: number, b: number, alpha: number): void {
  const below = rgba[at + 3]
  if (below === 0) {
    rgba[at] = r
    rgba[at + 1] = g
    rgba[at + 2] = b
    rgba[at + 3] = alpha
    return
  }
  const rest = (below * (255 - alpha)) / 255
  const sum = alpha + rest
  if (sum === 0) return
  rgba[at] = (r * alpha + rgba[at] * rest) / sum
  rgba[at + 1] = (g * alpha + rgba[at + 1] * rest) / sum
  rgba[at + 2] = (b * alpha + rgba[at + 2] * rest) / sum
  rgba[at + 3] = sum
}

/** Where truth and prediction agree, where it found too much, where too little. Blue, orange and magenta: no red against green. */
export const agreementColors: { [name in 'agree' | 'extra' | 'missed' | 'confused']: Rgb } = {
  agree: [64, 165, 227],
  extra: [251, 170, 49],
  missed: [224, 60, 150],
  confused: [150, 120, 255],
}

/** Paints where a prediction agrees with the truth. `confused`: both see something, but not the same. */
export function paintAgreement(
  rgba: Uint8ClampedArray,
  truth: Mask,
  prediction: Mask,
  hidden: ReadonlySet<number>,
  opacity: number,
): void {
  const alpha = Math.round(255 * Math.min(1, Math.max(0, opacity)))
  const { off } = tables(hidden)
  for (let i = 0; i < truth.classes.length; i++) {
    const t = off[truth.classes[i]] === 1 ? -1 : truth.classes[i]
    const p = off[prediction.classes[i]] === 1 ? -1 : prediction.classes[i]
    if (t < 0 && p < 0) continue
    const [r, g, b] = agreementColors[t === p ? 'agree' : t < 0 ? 'extra' : p < 0 ? 'missed' : 'confused']
    blend(rgba, i * 4, r, g, b, alpha)
  }
}

export interface Overlap {
  /** Dice coefficient, F1 of the pixels. */
  f1: number
  iou: number
}

/** How well two masks agree in one class; null where neither has it. */
export function overlap(truth: Mask, prediction: Mask, index: number): Overlap | null {
  let both = 0
  let either = 0
  for (let i = 0; i < truth.classes.length; i++) {
    const t = truth.classes[i] === index
    const p = prediction.classes[i] === index
    if (t && p) both++
    if (t || p) either++
  }
  return either === 0 ? null : { f1: (2 * both) / (both + either), iou: both / either }
}

/** Nearest-neighbour: a mask may be smaller than its picture. */
export function resized(mask: Mask, width: number, height: number): Mask {
  if (mask.width === width && mask.height === height) return mask
  const classes = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width
    for (let x = 0; x < width; x++)
      classes[y * width + x] = mask.classes[row + Math.floor(((x + 0.5) * mask.width) / width)]
  }
  return { width, height, classes }
}
