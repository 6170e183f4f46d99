/** What `defineMetric` said about keys: exact names and prefixes that end with `*`. */

import type { MetricStats } from './metricStats.ts'
import type { Json, JsonObject, MetricRecord } from './records.ts'

export class Definitions {
  private readonly exact = new Map<string, MetricRecord>()
  private readonly prefixes: MetricRecord[] = []

  get size(): number {
    return this.exact.size + this.prefixes.length
  }

  add(definition: MetricRecord): void {
    if (!definition.name.endsWith('*')) {
      this.exact.set(definition.name, definition)
      return
    }
    const same = this.prefixes.findIndex(({ name }) => name === definition.name)
    if (same >= 0) this.prefixes.splice(same, 1)
    this.prefixes.push(definition)
    this.prefixes.sort((a, b) => b.name.length - a.name.length)
  }

  /** The exact definition of a key, else that of its longest prefix. */
  of(key: string): MetricRecord | undefined {
    return this.exact.get(key) ?? this.prefixes.find(({ name }) => key.startsWith(name.slice(0, -1)))
  }

  all(): MetricRecord[] {
    return [...this.exact.values(), ...this.prefixes]
  }
}

const scalar = (value: number): Json => (Number.isFinite(value) ? value : String(value))

/** A key's entry in the summary: the last value, or an object of what its definition asks for; undefined for `none`. */
export function summaryOf(stats: MetricStats, definition: MetricRecord | undefined): Json | undefined {
  const kinds = definition?.summary ?? []
  if (kinds.length === 0) return scalar(stats.last)
  if (kinds.includes('none')) return undefined
  const aggregate = stats.aggregate()
  const entry: JsonObject = {}
  for (const kind of kinds) {
    if (kind === 'last') entry.last = scalar(stats.last)
    else if (kind === 'first') entry.first = scalar(stats.first)
    else if (kind !== 'none' && aggregate) entry[kind] = aggregate[kind]
  }
  return entry
}
