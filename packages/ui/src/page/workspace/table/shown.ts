/** Which of the table's runs the charts show. */
export interface Visibility {
  /** The first so many of the table … */
  limit: number
  /** … without these … */
  hidden: readonly string[]
  /** … and these besides. */
  shown: readonly string[]
  /** Where there are any: these and no others. */
  only: readonly string[]
}

/** Runs (or groups) that the charts show. `rows` are those of the table from its top, `find` knows others that were asked for by name. */
export function shownRuns<T extends { id: string }>(
  rows: Iterable<T>,
  { limit, hidden, shown, only }: Visibility,
  find: (id: string) => T | undefined = () => undefined,
): T[] {
  const known = only.length + shown.length > 0 ? new Map([...rows].map((row) => [row.id, row])) : undefined
  const named = (ids: readonly string[]) => ids.flatMap((id) => known?.get(id) ?? find(id) ?? [])
  if (only.length > 0) return named(only)
  const off = new Set(hidden)
  const out: T[] = []
  for (const row of known?.values() ?? rows) {
    if (out.length >= limit) break
    if (!off.has(row.id)) out.push(row)
  }
  const have = new Set(out.map(({ id }) => id))
  return [...out, ...named(shown).filter(({ id }) => !have.has(id) && !off.has(id))]
}

/** What changes when one is switched on or off. `first`: it is among the first of the table. */
export function toggled(
  visibility: Visibility,
  id: string,
  visible: boolean,
  first: boolean,
): Omit<Visibility, 'limit'> {
  const { only } = visibility
  const hidden = visibility.hidden.filter((one) => one !== id)
  const shown = visibility.shown.filter((one) => one !== id)
  if (only.length > 0) {
    const rest = only.filter((one) => one !== id)
    return { hidden: visibility.hidden, shown: visibility.shown, only: visible ? [...rest, id] : rest }
  }
  if (!visible) return { hidden: first ? [...hidden, id] : hidden, shown, only }
  return { hidden, shown: first ? shown : [...shown, id], only }
}
