/** Things by key, of which the least recently used go when all together grow too large. */
export class Lru<Key, Value> {
  private readonly items = new Map<Key, { value: Value; size: number }>()
  private size = 0
  private readonly limit: number

  /** @param limit In the unit of the sizes given to `set`, such as bytes. */
  constructor(limit: number) {
    this.limit = limit
  }

  get(key: Key): Value | undefined {
    const item = this.items.get(key)
    if (!item) return undefined
    this.items.delete(key)
    this.items.set(key, item)
    return item.value
  }

  set(key: Key, value: Value, size: number): void {
    this.delete(key)
    this.items.set(key, { value, size })
    this.size += size
    for (const old of this.items.keys()) {
      if (this.size <= this.limit || old === key) break
      this.delete(old)
    }
  }

  delete(key: Key): void {
    const item = this.items.get(key)
    if (!item) return
    this.items.delete(key)
    this.size -= item.size
  }

  deleteWhere(test: (key: Key) => boolean): void {
    for (const key of [...this.items.keys()]) if (test(key)) this.delete(key)
  }
}
