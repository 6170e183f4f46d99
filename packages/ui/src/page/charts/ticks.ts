/** Where the ticks of an axis are, and what they say: the same on the screen and in exported pictures. */
import { number } from '../format/number.ts'
import { day, tick as relative } from '../format/time.ts'
import type { XKind } from './line.ts'

export interface Tick {
  at: number
  /** '' for a mark without text. */
  text: string
}

/** Round steps: 1, 2 or 5 times a power of ten, about `count` of them. */
export function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const share = rough / power
  // The nearest of them by ratio.
  return power * (share < Math.SQRT2 ? 1 : share < Math.sqrt(10) ? 2 : share < Math.sqrt(50) ? 5 : 10)
}

function multiples(min: number, max: number, step: number, offset = 0): number[] {
  const out: number[] = []
  const first = Math.ceil((min - offset) / step - 1e-9)
  const last = Math.floor((max - offset) / step + 1e-9)
  // A range so small beside its distance from 0 that a step is lost in rounding has no ticks.
  if (!(Math.abs(first) < 2 ** 50 && Math.abs(last) < 2 ** 50) || last - first > 1000) return out
  for (let i = first; i <= last; i++) {
    const at = offset + i * step
    if (out.length === 0 || at > out[out.length - 1]) out.push(at)
  }
  return out
}

/** `least`: no ticks closer than this. */
export function linearTicks(min: number, max: number, count: number, least = 0): Tick[] {
  if (!(max > min)) return []
  const step = Math.max(least, niceStep(max - min, count))
  const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)))
  const largest = Math.max(Math.abs(min), Math.abs(max))
  return multiples(min, max, step).map((value) => {
    // Removes what rounding left: 0.30000000000000004.
    const at = step > 1e-11 ? Number(value.toFixed(decimals)) : value
    return { at, text: axisNumber(at, step, decimals, largest) }
  })
}

function axisNumber(value: number, step: number, decimals: number, largest: number): string {
  if (value === 0) return '0'
  if (largest >= 1e5 || largest < 1e-3) {
    if (largest >= 1e5 && largest < 1e15) {
      const [unit, letter] =
        largest >= 1e12 ? [1e12, 'T'] : largest >= 1e9 ? [1e9, 'G'] : largest >= 1e6 ? [1e6, 'M'] : [1e3, 'k']
      return `${number(Number((value / unit).toPrecision(6)), 6)}${letter}`
    }
    return number(Number(value.toPrecision(Math.min(12, 1 + Math.ceil(Math.log10(largest / step))))), 4)
  }
  return value.toFixed(decimals).replace('-', '−')
}

/** Powers of ten with text, and their multiples without; over less than a decade and a half like a linear axis. */
export function logTicks(min: number, max: number, count: number): Tick[] {
  if (!(max > min) || min <= 0) return []
  const decades = Math.log10(max / min)
  if (decades < 1.5) return linearTicks(min, max, count)
  const every = Math.max(1, Math.ceil(decades / Math.max(2, count)))
  const out: Tick[] = []
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++) {
    const power = 10 ** exponent
    for (let multiple = 1; multiple < 10; multiple++) {
      const at = Number((power * multiple).toPrecision(3))
      if (!(at >= min * 0.999999 && at <= max * 1.000001) || at <= (out.at(-1)?.at ?? 0)) continue
      if (multiple === 1) {
        const text = exponent % every === 0 ? (exponent >= -3 && exponent <= 4 ? number(at) : `1e${exponent}`) : ''
        if (text || decades < 30) out.push({ at, text })
      } else if (every === 1) out.push({ at, text: '' })
    }
  }
  return out
}

const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  2_592_000, 7_776_000, 31_536_000,
]

function timeStep(span: number, count: number): number {
  const rough = span / Math.max(1, count)
  if (rough < 1) return niceStep(span, count)
  return timeSteps.find((step) => step >= rough) ?? niceStep(span / 31_536_000, count) * 31_536_000
}

export function relativeTicks(min: number, max: number, count: number): Tick[] {
  if (!(max > min)) return []
  return multiples(min, max, timeStep(max - min, count)).map((value) => {
    const at = Number(value.toPrecision(12))
    return { at, text: relative(at) }
  })
}

/** Unix seconds; ticks fall on local midnights and full hours. */
export function wallTicks(min: number, max: number, count: number): Tick[] {
  if (!(max > min)) return []
  const step = timeStep(max - min, count)
  const offset = new Date(min * 1000).getTimezoneOffset() * 60
  return multiples(min, max, step, step >= 3600 ? offset % 86_400 : 0).map((at) => ({ at, text: clock(at, step) }))
}

function clock(time: number, step: number): string {
  const date = new Date(time * 1000)
  const pad = (value: number) => String(value).padStart(2, '0')
  if (step >= 86_400) return step >= 2_592_000 ? day(time) : day(time).slice(5)
  if (date.getHours() + date.getMinutes() + date.getSeconds() === 0) return day(time).slice(5)
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`
  return step >= 60 ? minutes : `${minutes}:${pad(date.getSeconds())}`
}

export function ticks(kind: XKind, log: boolean, min: number, max: number, count: number): Tick[] {
  if (log) return logTicks(min, max, count)
  if (kind === 'relative') return relativeTicks(min, max, count)
  if (kind === 'wall') return wallTicks(min, max, count)
  // Between two steps there is none, unless one zooms in between.
  return linearTicks(min, max, count, kind === 'step' && max - min >= 1 ? 1 : 0)
}
