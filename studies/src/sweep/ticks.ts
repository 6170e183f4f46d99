/**
 * Round values of an axis from `low` to `high`: about four steps of 1, 2 or 5 times a power of ten; on a logarithmic axis 1, 2,
 * 5, 10, 20, … or, over many powers of ten, those powers alone.
 */
export function roundValues(low: number, high: number, scale: 'linear' | 'log'): number[] {
  return scale === 'log' ? roundPowers(low, high) : roundSteps(low, high)
}

function roundSteps(low: number, high: number): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.7) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

function roundPowers(low: number, high: number): number[] {
  const powers = Math.log10(high / low)
  const steps = powers > 3 ? [1] : powers > 1.3 ? [1, 3] : [1, 2, 5]
  const first = Math.floor(Math.log10(low))
  const ticks = Array.from({ length: Math.ceil(powers) + 2 }, (_, i) =>
    steps.map((step) => step * 10 ** (first + i)),
  ).flat()
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001)
}
