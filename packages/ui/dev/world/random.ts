/** A small seeded generator (mulberry32): the development server shows the same world on every start. */
export interface Random {
  (): number
  gauss(): number
  pick<T>(from: readonly T[]): T
  between(low: number, high: number): number
}

export function random(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return Object.assign(next, {
    gauss: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: <T>(from: readonly T[]) => from[Math.floor(next() * from.length)],
    between: (low: number, high: number) => low + (high - low) * next(),
  })
}
