import { activeTrace } from '../runtime/trace.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { stateKey } from './naming.ts'
import { Buffer, Parameter } from './parameter.ts'
import { type LoadResult, loadState, type StateDict, stateOf } from './stateDict.ts'

/** A module of any inputs and output. */
export type AnyModule = Module<never[], unknown>

/**
 * A part of a network: parameters, buffers, other modules, and what it does with its inputs.
 *
 * Whatever is assigned to a public field is registered: a `Parameter`, a `Buffer`, a `Module`, or a list of them. The
 * state-dict key of a field is its name in snake case, as PyTorch's modules are written, so that weights move both
 * ways. Fields that begin with `#` are not seen.
 *
 * @example
 * ```ts
 * class Net extends nn.Module {
 *   conv = new nn.Conv2d(1, 8, 3)
 *   head = new nn.Linear(8, 10)
 *   forward(x: Tensor) {
 *     return this.head.forward(this.conv.forward(x).relu().mean([2, 3]))
 *   }
 * }
 * const net = new Net()
 * console.log(Object.keys(net.stateDict())) // ['conv.weight', 'conv.bias', 'head.weight', 'head.bias']
 * ```
 */
export abstract class Module<Inputs extends readonly unknown[] = [x: Tensor], Output = Tensor> {
  #training = true

  /** What the module computes. */
  abstract forward(...inputs: Inputs): Output

  /** Whether it is in training mode. A compiled function that asks is traced once for each mode. */
  get training(): boolean {
    activeTrace()?.guard(this, 'training', () => this.#training)
    return this.#training
  }

  /** Puts this module and all below into training mode (default), or (false) evaluation mode. Matters to dropout and batch norm. */
  train(mode = true): this {
    for (const module of this.modules()) module.#training = mode
    return this
  }

  /** Puts this module and all below into evaluation mode. */
  eval(): this {
    return this.train(false)
  }

  /** Runs `fn` in training or (false) evaluation mode; afterwards every module is in the mode it was in. */
  inMode<T>(training: boolean, fn: () => T): T {
    const before = this.modules().map((module) => [module, module.#training] as const)
    this.train(training)
    try {
      return fn()
    } finally {
      for (const [module, mode] of before) module.#training = mode
    }
  }

  /** Switches gradients of all parameters on or off: weights that are not to be trained. */
  setRequiresGrad(wanted: boolean): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = wanted
    return this
  }

  // ——— What it consists of

  /** The fields and list elements that take part, with their state-dict keys. */
  protected *entries(): Generator<[key: string, value: unknown]> {
    for (const [field, value] of Object.entries(this)) {
      if (Array.isArray(value)) for (const [i, element] of value.entries()) yield [`${stateKey(field)}.${i}`, element]
      else yield [stateKey(field), value]
    }
  }

  /** The modules directly below, with their keys. */
  *namedChildren(): Generator<[key: string, module: AnyModule]> {
    for (const [key, value] of this.entries()) if (value instanceof Module) yield [key, value]
  }

  /** The modules directly below. */
  children(): AnyModule[] {
    return Array.from(this.namedChildren(), ([, module]) => module)
  }

  /** This module (key '') and all below, depth first, each once. */
  *namedModules(prefix = '', seen = new Set<AnyModule>()): Generator<[key: string, module: AnyModule]> {
    if (seen.has(this)) return
    seen.add(this)
    yield [prefix, this]
    for (const [key, child] of this.namedChildren()) yield* child.namedModules(join(prefix, key), seen)
  }

  /** This module and all below, each once. */
  modules(): AnyModule[] {
    return Array.from(this.namedModules(), ([, module]) => module)
  }

  /** The parameters and buffers of this module alone, or with all below; shared ones appear under each of their keys. */
  *namedTensors(prefix = '', recurse = true): Generator<[key: string, tensor: Parameter | Buffer]> {
    for (const [key, value] of this.entries()) {
      if (value instanceof Parameter || value instanceof Buffer) yield [join(prefix, key), value]
    }
    if (recurse) for (const [key, child] of this.namedChildren()) yield* child.namedTensors(join(prefix, key))
  }

  /** The parameters with their keys, each once. */
  *namedParameters(prefix = '', recurse = true): Generator<[key: string, parameter: Parameter]> {
    const seen = new Set<Parameter>()
    for (const [key, tensor] of this.namedTensors(prefix, recurse)) {
      if (!(tensor instanceof Parameter) || seen.has(tensor)) continue
      seen.add(tensor)
      yield [key, tensor]
    }
  }

  /** The parameters, each once: what an optimizer is given. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter)
  }

  /** The buffers with their keys, each once. */
  *namedBuffers(prefix = '', recurse = true): Generator<[key: string, buffer: Buffer]> {
    const seen = new Set<Buffer>()
    for (const [key, tensor] of this.namedTensors(prefix, recurse)) {
      if (!(tensor instanceof Buffer) || seen.has(tensor)) continue
      seen.add(tensor)
      yield [key, tensor]
    }
  }

  /** The buffers, each once. */
  buffers(): Buffer[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer)
  }

  // ——— State

  /**
   * Parameters and persistent buffers under PyTorch's keys. The tensors share the module's memory, as in PyTorch: what
   * training does next is seen in them. `await copyState(…)` makes a copy that stays.
   */
  stateDict(): StateDict {
    return stateOf(this)
  }

  /**
   * Takes over parameters and buffers. Nothing is changed when anything is wrong.
   *
   * @param options.strict Whether missing and unexpected keys are errors. Default true. Wrong shapes always are.
   * @returns The keys that were missing and those that were not expected.
   * @throws `StateDictError` that names every key and shape that is wrong.
   */
  loadStateDict(state: StateDict, { strict = true }: { strict?: boolean } = {}): LoadResult {
    return loadState(this, state, strict)
  }

  // ——— Printing

  /** What is printed between the brackets: sizes and options. */
  extraRepr(): string {
    return ''
  }

  /** The class, its sizes and options, and the modules below, indented as in PyTorch. */
  toString(): string {
    const name = this.constructor.name
    const lines = Array.from(
      this.namedChildren(),
      ([key, child]) => `(${key}): ${String(child).replace(/\n/g, '\n  ')}`,
    )
    const extra = this.extraRepr()
    if (lines.length === 0) return `${name}(${extra})`
    return `${name}(\n${[...(extra ? [extra] : []), ...lines].map((line) => `  ${line}\n`).join('')})`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

function join(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`
}
