/** Times and spans; all in unix seconds, as the API has them. */

/** How long: `45 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return ''
  if (seconds < 0) return `−${duration(-seconds)}`
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return two(minutes, 'm', whole % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return two(hours, 'h', minutes % 60, 'm')
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const two = (big: number, unit: string, small: number, smallUnit: string) =>
  small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smallUnit}`

/** How long ago: `just now`, `5 m ago`, `3 d ago`; after four weeks the day. */
export function ago(time: number, now: number): string {
  const seconds = Math.max(0, now - time)
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  if (seconds < 28 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`
  return day(time)
}

const pad = (value: number) => String(value).padStart(2, '0')

export function day(time: number): string {
  const date = new Date(time * 1000)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

/** Local date and time to the second. */
export function moment(time: number | null | undefined): string {
  if (time === null || time === undefined) return ''
  const date = new Date(time * 1000)
  return `${day(time)} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** For ticks of a relative axis: `0`, `30s`, `5m`, `1h30`. */
export function tick(seconds: number): string {
  if (seconds === 0) return '0'
  const size = Math.abs(seconds)
  if (size < 60) return `${Number(seconds.toPrecision(3))}s`
  if (size < 3600)
    return size % 60 === 0 ? `${seconds / 60}m` : `${Math.floor(seconds / 60)}m${pad(Math.round(size % 60))}`
  if (size < 86_400)
    return size % 3600 === 0
      ? `${seconds / 3600}h`
      : `${Math.floor(seconds / 3600)}h${pad(Math.round((size % 3600) / 60))}`
  return `${Number((seconds / 86_400).toPrecision(3))}d`
}
