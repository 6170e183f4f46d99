/** Terminal output with colours (SGR of ECMA-48), as pieces of text with a style; all other control sequences are left out. */
export interface Piece {
  text: string
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  /** 0 to 15, the colours of a terminal; an RGB triple; null for the usual one. */
  color: number | readonly [number, number, number] | null
  background: number | readonly [number, number, number] | null
}

type Style = Omit<Piece, 'text'>
const plain: Style = { bold: false, dim: false, italic: false, underline: false, color: null, background: null }

const sequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals use
  /\u001b\[([\d;:]*)m|\u001b\[[\d;:?]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]|[\u0000-\u0008\u000b-\u001f\u007f]/g

function extended(codes: readonly number[], at: number): { color: Style['color']; used: number } {
  if (codes[at + 1] === 5) {
    const index = Math.min(255, codes[at + 2] ?? 0)
    if (index < 16) return { color: index, used: 2 }
    if (index >= 232) {
      const grey = 8 + 10 * (index - 232)
      return { color: [grey, grey, grey], used: 2 }
    }
    const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value)
    const cube = index - 16
    return { color: [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)], used: 2 }
  }
  if (codes[at + 1] === 2) {
    const [r = 0, g = 0, b = 0] = codes.slice(at + 2, at + 5)
    return { color: [r & 255, g & 255, b & 255], used: 4 }
  }
  return { color: null, used: 0 }
}

function apply(style: Style, codes: readonly number[]): Style {
  let next = { ...style }
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]
    if (code === 0) next = { ...plain }
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 3) next.italic = true
    else if (code === 4) next.underline = true
    else if (code === 22) next.bold = next.dim = false
    else if (code === 23) next.italic = false
    else if (code === 24) next.underline = false
    else if (code >= 30 && code <= 37) next.color = code - 30
    else if (code >= 90 && code <= 97) next.color = code - 82
    else if (code === 39) next.color = null
    else if (code >= 40 && code <= 47) next.background = code - 40
    else if (code >= 100 && code <= 107) next.background = code - 92
    else if (code === 49) next.background = null
    else if (code === 38 || code === 48) {
      const { color, used } = extended(codes, i)
      if (code === 38) next.color = color
      else next.background = color
      i += used
    }
  }
  return next
}

export function parseAnsi(line: string): Piece[] {
  const pieces: Piece[] = []
  let style = plain
  let from = 0
  const push = (to: number) => {
    if (to > from) pieces.push({ text: line.slice(from, to), ...style })
  }
  for (const match of line.matchAll(sequence)) {
    push(match.index)
    from = match.index + match[0].length
    if (match[1] !== undefined) style = apply(style, match[1].split(/[;:]/).map(Number))
  }
  push(line.length)
  return pieces
}

export const plainText = (line: string): string => line.replace(sequence, '')
