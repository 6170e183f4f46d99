/** A share as per cent: `97.3 %`. */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** A whole number with commas between thousands. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** A mean and its standard deviation. */
export function meanAndDeviation(mean: number, deviation: number, digits = 3): string {
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`
}

/** A time as a person says it. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${seconds.toFixed(0)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
