/** How masks and boxes are laid over pictures: set once for all pictures of a key. */
import type { ImageItem } from '@trainyard/tracker/api'
import { isBackground } from './masks.ts'

export interface OverlaySettings {
  opacity: number
  /** `compare`: where truth and prediction agree. */
  mode: 'fill' | 'outline' | 'compare'
  /** Names of masks and boxes that are switched off. */
  off: readonly string[]
  /** Classes that are switched off, besides the background. */
  hidden: readonly number[]
  /** The background is shown as well. */
  background: boolean
}

export const defaultOverlay: OverlaySettings = { opacity: 0.45, mode: 'fill', off: [], hidden: [], background: false }

export interface ClassInfo {
  index: number
  name: string
  background: boolean
}

/** All classes of the masks and boxes of some pictures. */
export function classesOf(items: readonly ImageItem[]): ClassInfo[] {
  const names = new Map<number, string>()
  for (const item of items)
    for (const source of [...Object.values(item.masks), ...Object.values(item.boxes)])
      for (const [index, name] of Object.entries(source.classes)) names.set(Number(index), name)
  return [...names]
    .sort(([a], [b]) => a - b)
    .map(([index, name]) => ({ index, name, background: isBackground(index, name) }))
}

export const maskNames = (items: readonly ImageItem[]): string[] => [
  ...new Set(items.flatMap((item) => Object.keys(item.masks))),
]
export const boxNames = (items: readonly ImageItem[]): string[] => [
  ...new Set(items.flatMap((item) => Object.keys(item.boxes))),
]

const truthName = /^(ground_?)?truth$|^(gt|true|target|label|labels|mask)$/i
const predictionName = /^pred(iction|icted|s)?$|^(output|model)$/i

/** Which two masks are truth and prediction, by what people call them; else the first two. */
export function pair(names: readonly string[]): { truth: string; prediction: string } | null {
  const truth = names.find((name) => truthName.test(name))
  const prediction = names.find((name) => predictionName.test(name))
  if (truth && prediction) return { truth, prediction }
  if (names.length !== 2) return null
  const [first, second] = truth
    ? [truth, names.find((name) => name !== truth)!]
    : prediction
      ? [names.find((name) => name !== prediction)!, prediction]
      : names
  return { truth: first, prediction: second }
}

/** Classes that are not painted. A class without a name in the table is painted unless it is 0. */
export function hiddenClasses(classes: readonly ClassInfo[], { hidden, background }: OverlaySettings): Set<number> {
  const out = new Set(hidden)
  if (!background) {
    for (const one of classes) if (one.background) out.add(one.index)
    if (!classes.some(({ index }) => index === 0)) out.add(0)
  }
  return out
}
