/**
 * Colours of runs. Ten hues that stay apart in normal vision and in protanopia, deuteranopia and tritanopia (the test measures it with
 * the matrices of Machado, Oliveira and Fernandes 2009); a slot has the same hue on a light and on a dark ground.
 */
export type Theme = 'light' | 'dark'

export const palette: Record<Theme, readonly string[]> = {
  light: ['#0f41cc', '#ed5f18', '#1e8163', '#ab0c94', '#40a5e3', '#895b16', '#805ef9', '#7b9f5e', '#852531', '#ab72a6'],
  dark: ['#4377f0', '#f09362', '#43d2b1', '#d05990', '#b0eaf4', '#fbc031', '#8f88cc', '#d5e89d', '#e62e1e', '#cbb2f8'],
}

export const slots = palette.light.length

/** Which slot of the palette each run has: kept as long as the page lives, so that a run never changes its colour under one's eyes. */
export class ColourSlots {
  #slots = new Map<string, number>()

  constructor(entries: Iterable<readonly [string, number]> = []) {
    for (const [run, slot] of entries)
      if (Number.isInteger(slot) && slot >= 0 && slot < slots) this.#slots.set(run, slot)
  }

  /** Gives every run of the list a slot: one it has already, else the least used one among those listed, first slots first. */
  assign(runs: readonly string[]): boolean {
    const used = new Array<number>(slots).fill(0)
    const without: string[] = []
    for (const run of runs) {
      const slot = this.#slots.get(run)
      if (slot === undefined) without.push(run)
      else used[slot]++
    }
    for (const run of without) {
      let best = 0
      for (let slot = 1; slot < slots; slot++) if (used[slot] < used[best]) best = slot
      used[best]++
      this.#slots.set(run, best)
    }
    return without.length > 0
  }

  /** The slot of a run; one that was never assigned gets a fixed one from its id. */
  slot(run: string): number {
    return this.#slots.get(run) ?? hash(run) % slots
  }

  entries(): [string, number][] {
    return [...this.#slots]
  }
}

/** FNV-1a over UTF-16 units. */
export function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
