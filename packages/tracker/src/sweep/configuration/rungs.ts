/**
 * Wandb's hyperband brackets, counted in logged values of the metric: `max_iter / eta, max_iter / eta², …` (at most `s`, none
 * below 1), or `min_iter, min_iter · eta, …`. The repeated division and multiplication are kept as wandb has them, since
 * powers would round differently.
 */
export function hyperbandBands(
  options: { maxIterations: number; brackets: number; eta: number } | { minIterations: number; eta: number },
): number[] {
  const bands: number[] = []
  if ('maxIterations' in options) {
    let band = options.maxIterations
    for (let bracket = 0; bracket < options.brackets; bracket++) {
      band /= options.eta
      if (band < 1) break
      bands.push(Math.floor(band))
    }
    return bands.sort((a, b) => a - b)
  }
  let band = options.minIterations
  for (let bracket = 0; bracket < 100; bracket++) {
    bands.push(Math.floor(band))
    band *= options.eta
  }
  return bands
}

/**
 * The rungs of successive halving: `min, min · eta, min · eta², …` below `max`, then `max` itself where it is given. Without
 * it there is no last rung, and forty of them are more than any run reaches.
 */
export function halvingRungs(minimum: number, maximum: number | undefined, eta: number): number[] {
  const rungs: number[] = []
  for (let rung = minimum; rungs.length < 40 && rung < (maximum ?? Number.MAX_SAFE_INTEGER); rung *= eta) {
    const whole = Math.round(rung)
    if (whole !== rungs.at(-1) && whole !== maximum) rungs.push(whole)
  }
  if (maximum !== undefined) rungs.push(maximum)
  return rungs
}
