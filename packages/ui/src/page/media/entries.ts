/** Keeps what did not change as it is, so that nothing of it is drawn or loaded again. */
import type { MediaEntry, MediaItem } from '@trainyard/tracker/api'

/** Files never change: the same hashes are the same contents. */
const fingerprint = (items: readonly MediaItem[]): string =>
  JSON.stringify(items, (key, value: unknown) => (key === 'url' ? undefined : value))

/** The new entries, each replaced by the one of before where it says the same. */
export function keepSame(before: readonly MediaEntry[], now: readonly MediaEntry[]): MediaEntry[] {
  const known = new Map(before.map((entry) => [`${entry.run}\n${entry.key}`, entry]))
  return now.map((entry) => {
    const old = known.get(`${entry.run}\n${entry.key}`)
    if (!old || fingerprint(old.items) !== fingerprint(entry.items)) return entry
    return old.step === entry.step ? old : { ...entry, items: old.items }
  })
}
