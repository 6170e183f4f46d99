/** `run.config` and `run.summary`: objects to read and to write, where every write is also logged. */

export interface LiveSource {
  /** Everything, as it is now. */
  all(): { [key: string]: unknown }
  set(values: { [key: string]: unknown }): void
  remove(key: string): void
}

export interface Updatable {
  /** Sets many values at once. */
  update(values: { [key: string]: unknown }): void
}

/** A proxy whose properties are those of `source.all()`; `update` is a method unless a value has that name. */
export function liveObject<T extends object>(source: LiveSource): T & Updatable {
  const update = (values: { [key: string]: unknown }) => source.set(values)
  return new Proxy(Object.create(null) as T & Updatable, {
    get(_, key) {
      if (typeof key === 'symbol') return undefined
      const all = source.all()
      if (Object.hasOwn(all, key)) return all[key]
      if (key === 'toJSON') return () => source.all()
      return key === 'update' ? update : undefined
    },
    has: (_, key) => typeof key === 'string' && (Object.hasOwn(source.all(), key) || key === 'update'),
    ownKeys: () => Object.keys(source.all()),
    getOwnPropertyDescriptor(_, key) {
      const all = source.all()
      if (typeof key === 'symbol' || !Object.hasOwn(all, key)) return undefined
      return { value: all[key], writable: true, enumerable: true, configurable: true }
    },
    set(_, key, value) {
      if (typeof key === 'string') source.set({ [key]: value })
      return true
    },
    defineProperty(_, key, { value }) {
      if (typeof key === 'string') source.set({ [key]: value })
      return true
    },
    deleteProperty(_, key) {
      if (typeof key === 'string') source.remove(key)
      return true
    },
  })
}
