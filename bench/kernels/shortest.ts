/** Seconds of the shortest of a few calls. */
export function shortest(call: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    call()
    best = Math.min(best, performance.now() - start)
  }
  return best / 1000
}
