/** Text tests that SQL and the predicate share, in time linear in the text (for `*` alone) and never more than text × pattern. */

export const containsText = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase())

/** `*` stands for any characters, `?` for one; the case does not matter. */
export function matchesGlob(text: string, pattern: string): boolean {
  text = text.toLowerCase()
  pattern = pattern.toLowerCase()
  let t = 0
  let p = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      t++
      p++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
