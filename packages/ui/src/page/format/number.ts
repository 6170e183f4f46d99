/** Numbers as a person reads them. */

/** What the API sends for numbers that JSON has not: back to numbers. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Infinity
  if (value === '-Infinity') return -Infinity
  return null
}

/** Four to five significant digits, no useless zeros: `0.08312`, `1.2e-5`, `12,480`, `NaN`. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return ''
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e9 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e')
    return minus(`${trim(mantissa)}e${exponent.replace('+', '')}`)
  }
  if (Number.isInteger(value)) return minus(group(String(value)))
  const decimals = Math.max(0, Math.min(8, digits - 1 - Math.floor(Math.log10(size))))
  const [whole, fraction] = value.toFixed(decimals).split('.')
  return minus(trim(`${group(whole)}${fraction ? `.${fraction}` : ''}`))
}

const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
const group = (whole: string) => (whole.replace('-', '').length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole)
/** A true minus is as wide as a digit. */
const minus = (text: string) => text.replace(/^-/, '−')

/** Short, for axes and counts: `1.2k`, `3.4M`. */
export function compact(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e15) return number(value, 3)
  for (const [limit, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (size >= limit) return `${number(value / limit, 3)}${letter}`
  return number(value, 3)
}

/** `1.4 MB`; powers of ten, as disks are sold and browsers show. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (Math.abs(value) < 1000) return `${number(value, 3)} B`
  let size = value
  for (const unit of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    size /= 1000
    if (Math.abs(size) < 999.5 || unit === 'PB') return `${number(size, 3)} ${unit}`
  }
  return ''
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`
