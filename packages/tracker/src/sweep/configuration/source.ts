import { createRequire } from 'node:module'
import type { Node, Scalar } from 'yaml'
import { type Place, type Problem, SweepConfigurationError } from './problem.ts'

const require = createRequire(import.meta.url)
/** Loaded with the first text: a server that starts does not wait for it. */
const yaml = () => require('yaml') as typeof import('yaml')
const isScalar = (node: unknown): node is Scalar => yaml().isScalar(node)

type Path = readonly (string | number)[]

/**
 * A configuration with the text it was read from, if there was one: gives the place of a key or value, and tells a number
 * written as `1.0` from one written as `1`, which JavaScript cannot.
 */
export interface Source {
  readonly value: unknown
  readonly file: string
  readonly text?: string
  /** The place of the key at this path (of the value, for an item of a list). */
  keyPlace(path: Path): Place | undefined
  /** The place of the value at this path. */
  valuePlace(path: Path): Place | undefined
  /** How the number at this path is written; `undefined` where there is no text that says so. */
  numberForm(path: Path): 'float' | 'int' | undefined
}

/** An object made in a program: it has no text. */
export function objectSource(value: unknown, file = 'sweep'): Source {
  const nothing = () => undefined
  return { value, file, keyPlace: nothing, valuePlace: nothing, numberForm: nothing }
}

const FLOAT_TAG = 'tag:yaml.org,2002:float'
const keyOf = (path: Path): string => JSON.stringify(path)

interface Marks {
  key?: number
  value?: number
  form?: 'float' | 'int'
}

/**
 * Reads YAML (and JSON, which is a part of it) as Python's YAML does where that matters to wandb's files: YAML 1.1, so `yes`
 * and `no` are booleans and `<<` merges, but dates stay text and `1e-5` is the number that was meant.
 *
 * @throws SweepConfigurationError where the text is not YAML, or says a key twice.
 */
export function textSource(text: string, file = 'sweep.yaml'): Source {
  const { isAlias, isMap, isSeq, LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: (a, b) => keyText(a) === keyText(b),
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
  })
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      ({ message, pos, code }): Problem => ({
        path: [],
        message: code === 'DUPLICATE_KEY' ? 'this key is given twice; keep one of them' : message,
        place: placeOf(pos[0]),
      }),
    )
    throw new SweepConfigurationError(problems, file, text)
  }

  const marks = new Map<string, Marks>()
  let nodes = 0
  const read = (node: unknown, path: Path, key?: number): unknown => {
    const target = (isAlias(node) ? node.resolve(document) : node) as Node | null | undefined
    if (isAlias(node) && target === undefined) {
      const message = `there is no anchor &${node.source} before this alias`
      throw new SweepConfigurationError([{ path, message, place: placeOf(node.range?.[0] ?? 0) }], file, text)
    }
    const mark: Marks = { key, value: (isAlias(node) ? node.range?.[0] : target?.range?.[0]) ?? key }
    // An alias may name what it stands in, or multiply without bound.
    if (path.length > 100 || ++nodes > 100_000) {
      const message = 'too deep or too large for a sweep; does an alias (*name) contain itself?'
      throw new SweepConfigurationError([{ path: [], message, place: placeOf(mark.value ?? 0) }], file, text)
    }
    marks.set(keyOf(path), mark)
    if (isMap(target)) {
      const result: Record<string, unknown> = {}
      // Merged keys first, so that the map's own replace them.
      for (const pair of target.items.filter((pair) => isMergeKey(pair.key))) {
        const merged = read(pair.value, path, (pair.key as Node).range?.[0])
        for (const part of Array.isArray(merged) ? merged.toReversed() : [merged])
          for (const [name, item] of Object.entries(part ?? {})) set(result, name, item)
      }
      marks.set(keyOf(path), mark)
      for (const pair of target.items.filter((pair) => !isMergeKey(pair.key))) {
        const name = keyText(pair.key)
        set(result, name, read(pair.value, [...path, name], (pair.key as Node | null)?.range?.[0]))
      }
      return result
    }
    if (isSeq(target)) return target.items.map((item, index) => read(item, [...path, index]))
    if (!isScalar(target)) return null
    const { value, source, tag } = target
    if (tag === FLOAT_TAG && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
      mark.form = 'float'
      return Number(value)
    }
    // Unlike YAML 1.1, Python's YAML does not take y and n for booleans.
    if (typeof value === 'boolean' && /^[yn]$/i.test(source ?? '')) return source
    if (typeof value === 'number') mark.form = tag === FLOAT_TAG || /[.e]/i.test(source ?? '') ? 'float' : 'int'
    return typeof value === 'bigint' ? Number(value) : value
  }

  const value = read(document.contents, [])
  const find = (path: Path, part: 'key' | 'value'): Place | undefined => {
    // A key that is missing has no place of its own: the nearest key above it has.
    for (let length = path.length; length >= 0; length--) {
      const mark = marks.get(keyOf(path.slice(0, length)))
      const offset = mark && (part === 'value' && length === path.length ? mark.value : (mark.key ?? mark.value))
      if (offset !== undefined) return placeOf(offset)
    }
    return undefined
  }
  return {
    value,
    file,
    text,
    keyPlace: (path) => find(path, 'key'),
    valuePlace: (path) => find(path, 'value'),
    numberForm: (path) => marks.get(keyOf(path))?.form,
  }
}

/** Whether this is the `<<` of YAML 1.1, which takes over another map's keys. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN'
}

/** A key as it is written: `on`, `y` and `1` are names too. */
function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key)
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

/** Sets a key whatever its name: a plain assignment to `__proto__` would change the object instead. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
