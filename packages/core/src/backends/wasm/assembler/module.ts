import { CodeBuffer } from './code.ts'
import { type Expr, expr, type Local, type ValueType, valueTypeByte } from './expr.ts'
import { type Flavour, type Func, FunctionBuilder, type Global, localAt } from './function.ts'
import { unsignedLeb } from './leb128.ts'

/** Size of the imported memory in pages of 64 KiB. */
export interface MemoryLimits {
  readonly initial: number
  /** Needed where the memory is shared. */
  readonly maximum?: number
  readonly shared?: boolean
}

export interface ModuleOptions {
  /** Imported as `env.memory`. */
  readonly memory?: MemoryLimits
  /** `strict` by default. */
  readonly flavour?: Flavour
}

/** Parameters of a function as typed locals. */
export type Parameters<P extends readonly ValueType[]> = { readonly [K in keyof P]: Local<P[K]> }

type ResultOf<R extends readonly ValueType[]> = R extends readonly [infer T extends ValueType] ? T : null

const text = new TextEncoder()
const nameBytes = (name: string): number[] => {
  const bytes = [...text.encode(name)]
  return [...unsignedLeb(bytes.length), ...bytes]
}
/** A section as pieces that are joined once, at the end: a large module has megabytes of code. */
const section = (id: number, entries: readonly ArrayLike<number>[]): ArrayLike<number>[] => {
  if (entries.length === 0) return []
  const count = unsignedLeb(entries.length)
  const length = entries.reduce((total, entry) => total + entry.length, count.length)
  return [[id, ...unsignedLeb(length)], count, ...entries]
}

/**
 * Builds a WebAssembly module: functions, globals, exports, and one imported memory.
 *
 * @example
 * const m = new ModuleBuilder({ memory: { initial: 1 } })
 * const double = m.func('double', ['i32'], ['i32'], (f, x) => i32.add(x, x))
 * m.export('double', double)
 * const module = new WebAssembly.Module(m.toBytes())
 */
export class ModuleBuilder {
  readonly flavour: Flavour
  readonly memory: MemoryLimits | undefined
  private readonly types: number[][] = []
  private readonly typeIndices = new Map<string, number>()
  private readonly imports: number[][] = []
  private readonly functionTypes: number[] = []
  private readonly bodies: Uint8Array[] = []
  /** Functions by a hash of their type and body: equal ones are compiled once. */
  private readonly known = new Map<number, number[]>()
  private readonly functionNames: string[] = []
  private readonly globals: number[][] = []
  private readonly exports: number[][] = []
  private importedFunctions = 0

  constructor(options: ModuleOptions = {}) {
    this.flavour = options.flavour ?? 'strict'
    this.memory = options.memory
    if (options.memory)
      this.imports.push([...nameBytes('env'), ...nameBytes('memory'), 0x02, ...limits(options.memory)])
  }

  /** Imports a function; all imports come before the first function of the module's own. */
  importFunc<const P extends readonly ValueType[], const R extends readonly [ValueType] | readonly []>(
    from: string,
    name: string,
    params: P,
    results: R,
  ): Func<P, ResultOf<R>> {
    if (this.functionTypes.length > 0)
      throw new Error(`importFunc ${from}.${name}: import before the first function is built, its index depends on it`)
    this.imports.push([...nameBytes(from), ...nameBytes(name), 0x00, ...unsignedLeb(this.typeIndex(params, results))])
    this.functionNames.push(name)
    return { index: this.importedFunctions++, name, params, result: (results[0] ?? null) as ResultOf<R> }
  }

  /**
   * Builds a function. `body` receives the builder of its statements and the parameters as locals, and returns the
   * result where there is one.
   */
  func<const P extends readonly ValueType[], const R extends readonly [ValueType] | readonly []>(
    name: string,
    params: P,
    results: R,
    body: (
      f: FunctionBuilder,
      ...args: Parameters<P>
    ) => R extends readonly [infer T extends ValueType] ? Expr<T> : void,
  ): Func<P, ResultOf<R>> {
    const builder = new FunctionBuilder(params, this.flavour)
    const locals = params.map((type, index) => localAt(type, index)) as unknown as Parameters<P>
    const result = body(builder, ...locals) as Expr | undefined
    if (results.length > 0 && result?.type !== results[0])
      throw new TypeError(`func ${name}: the body gives ${result?.type ?? 'nothing'}, declared is ${results[0]}`)
    // Only now, so that functions which the body itself builds come first.
    const index = this.addFunction(
      name,
      this.typeIndex(params, results),
      builder.finish(results.length > 0 ? result : undefined),
    )
    return { index, name, params, result: (results[0] ?? null) as ResultOf<R> }
  }

  /** Adds a function and gives its index; that of an equal one where there is one. */
  private addFunction(name: string, type: number, body: Uint8Array): number {
    const hash = hashOf(type, body)
    const candidates = this.known.get(hash) ?? []
    for (const candidate of candidates)
      if (this.functionTypes[candidate] === type && equalBytes(this.bodies[candidate]!, body))
        return this.importedFunctions + candidate
    const position = this.functionTypes.push(type) - 1
    this.bodies.push(body)
    this.functionNames.push(name)
    this.known.set(hash, [...candidates, position])
    return this.importedFunctions + position
  }

  /** A global variable of one instance (each thread has its own), read as an expression, written by `f.setGlobal`. */
  global<T extends ValueType>(initial: Expr<T>): Global<T> {
    const init = new CodeBuffer()
    init.appendExpr(initial)
    const globalIndex = this.globals.push([valueTypeByte[initial.type], 0x01, ...init.view(), 0x0b]) - 1
    return { ...expr(initial.type, [0x23, ...unsignedLeb(globalIndex)]), globalIndex }
  }

  export(name: string, func: Func): void {
    this.exports.push([...nameBytes(name), 0x00, ...unsignedLeb(func.index)])
  }

  /** The module's bytes, ready for `WebAssembly.Module`. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const names = section(
      1,
      this.functionNames.map((name, index) => [...unsignedLeb(index), ...nameBytes(name)]),
    )
    const nameLength = names.reduce((total, part) => total + part.length, 0)
    const label = nameBytes('name')
    const sections = [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, this.types),
      ...section(2, this.imports),
      ...section(
        3,
        this.functionTypes.map((type) => unsignedLeb(type)),
      ),
      ...section(6, this.globals),
      ...section(7, this.exports),
      ...section(10, this.bodies),
      [0, ...unsignedLeb(label.length + nameLength), ...label],
      ...names,
    ]
    const bytes = new Uint8Array(sections.reduce((total, part) => total + part.length, 0))
    let at = 0
    for (const part of sections) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  private typeIndex(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}:${results.join()}`
    const known = this.typeIndices.get(key)
    if (known !== undefined) return known
    const list = (types: readonly ValueType[]) => [...unsignedLeb(types.length), ...types.map((t) => valueTypeByte[t])]
    const index = this.types.push([0x60, ...list(params), ...list(results)]) - 1
    this.typeIndices.set(key, index)
    return index
  }
}

/** The FNV-1a hash (Fowler, Noll, Vo). */
function hashOf(seed: number, bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ seed
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function limits({ initial, maximum, shared = false }: MemoryLimits): number[] {
  if (shared && maximum === undefined) throw new TypeError('memory: a shared memory needs a maximum')
  const flags = (shared ? 2 : 0) | (maximum === undefined ? 0 : 1)
  return [flags, ...unsignedLeb(initial), ...(maximum === undefined ? [] : unsignedLeb(maximum))]
}
