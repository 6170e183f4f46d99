/**
 * The hot path of `run.log`: a row of numbers goes into shared memory in well under a microsecond. Rows with the same keys in the same
 * order share a schema, so that only its number and the values travel.
 */
import type { Definitions } from '../log/definitions.ts'
import { MetricStats } from '../log/metricStats.ts'
import type { RowProducer } from './queue.ts'

interface Slot {
  key: string
  stats: MetricStats
  /** The last row that had it. */
  row: number
}

interface Schema {
  number: number
  names: string[]
  /** The named ones, then those that `defineMetric` adds: step metrics that the row lacks. */
  slots: Slot[]
}

const NO_SCHEMA: Schema = { number: -1, names: [], slots: [] }

export class RowWriter {
  /** Unix time in seconds of the last row. */
  lastTime = 0
  private readonly slots = new Map<string, Slot>()
  private readonly schemas = new Map<string, Schema>()
  private last = NO_SCHEMA
  private row = 0
  private schemaCount = 0
  private readonly definitions: Definitions
  private readonly rows: RowProducer | null
  private readonly announce: (schema: number, keys: string[]) => void

  /** @param rows Where rows go; null: nowhere, only the statistics are kept. */
  constructor(
    definitions: Definitions,
    rows: RowProducer | null,
    announce: (schema: number, keys: string[]) => void = () => {},
  ) {
    this.definitions = definitions
    this.rows = rows
    this.announce = announce
  }

  /** Statistics of a key from before this session. */
  restore(key: string, stats: MetricStats): void {
    this.slot(key).stats = stats
  }

  /** Keys with statistics of what was logged under them. */
  *metrics(): Generator<[string, MetricStats]> {
    for (const { key, stats } of this.slots.values()) if (stats.points > 0) yield [key, stats]
  }

  stats(key: string): MetricStats | undefined {
    return this.slots.get(key)?.stats
  }

  /** Definitions changed: which step metrics a row lacks has to be found out again. */
  forgetSchemas(): void {
    this.schemas.clear()
    this.last = NO_SCHEMA
  }

  /**
   * Writes one row.
   * @returns false where not every value is a number; then nothing was written.
   */
  write(values: { [key: string]: unknown }, step: number, continues: boolean): boolean {
    let schema = this.last
    if (!this.fill(values, schema)) {
      const found = this.find(values)
      if (!found) return false
      schema = this.last = found
      if (schema.slots.length === 0) return true
      this.fill(values, schema)
    }
    const time = performance.timeOrigin + performance.now()
    this.lastTime = time / 1000
    if (!continues) this.row++
    const { slots, names } = schema
    const { row } = this
    const target = this.target(3 + slots.length)
    const { body, at } = target
    for (let i = names.length; i < slots.length; i++) {
      const { stats } = slots[i]
      body[at + 3 + i] = stats.points > 0 ? stats.last : 0
    }
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]
      slot.stats.add(body[at + 3 + i], continues && slot.row === row)
      slot.row = row
    }
    body[at] = continues ? -1 - schema.number : schema.number
    body[at + 1] = step
    body[at + 2] = time
    if (target !== this.scratch) this.rows?.commit(3 + slots.length)
    return true
  }

  /** Puts the values where the row will stand, as long as keys and types fit; nothing is valid before the row is committed. */
  private fill(values: { [key: string]: unknown }, { names, slots }: Schema): boolean {
    const count = names.length
    const { body, at } = this.target(3 + slots.length)
    let i = 0
    for (const key in values) {
      const value = values[key]
      if (i === count || key !== names[i] || typeof value !== 'number') return false
      body[at + 3 + i++] = value
    }
    return i === count && count > 0
  }

  /** Takes the values of rows that go nowhere: in disabled mode, and while the writer is stuck. */
  private scratch = { body: new Float64Array(64), at: 0 }

  private target(count: number): { body: Float64Array; at: number } {
    if (this.rows?.reserve(count)) return this.rows
    if (this.scratch.body.length < count) this.scratch.body = new Float64Array(count * 2)
    return this.scratch
  }

  private slot(key: string): Slot {
    let slot = this.slots.get(key)
    if (!slot) this.slots.set(key, (slot = { key, stats: new MetricStats(), row: -1 }))
    return slot
  }

  private find(values: { [key: string]: unknown }): Schema | null {
    const names: string[] = []
    for (const key in values) {
      if (typeof values[key] !== 'number') return null
      names.push(key)
    }
    const id = names.join('\0')
    let schema = this.schemas.get(id)
    if (!schema) {
      const keys = [...names, ...this.missingStepMetrics(names)]
      schema = { number: this.schemaCount++, names, slots: keys.map((key) => this.slot(key)) }
      this.schemas.set(id, schema)
      this.announce(schema.number, keys)
    }
    return schema
  }

  private missingStepMetrics(names: string[]): string[] {
    const missing = new Set<string>()
    if (this.definitions.size > 0)
      for (const name of names) {
        const definition = this.definitions.of(name)
        if (definition?.stepMetric && definition.stepSync && !names.includes(definition.stepMetric))
          missing.add(definition.stepMetric)
      }
    return [...missing]
  }
}
