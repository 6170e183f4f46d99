/**
 * The first key that an object of a JSON text holds twice, else null. `JSON.parse` keeps the last of them silently, so
 * that two readers of one file could see two things. The text must be valid JSON.
 */
export function duplicateKey(text: string): string | null {
  // One set for each object that is open; null for a list.
  const open: (Set<string> | null)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(null)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const start = i
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++
      const keys = open.at(-1)
      // A text in an object is a key when a colon follows.
      if (!keys || !colonFollows(text, i + 1)) continue
      const key = JSON.parse(text.slice(start, i + 1)) as string
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return null
}

function colonFollows(text: string, from: number): boolean {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}
