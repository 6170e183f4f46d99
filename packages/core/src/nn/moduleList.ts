import { TrainyardError } from '../errors.ts'
import { type AnyModule, Module } from './module.ts'

/**
 * A list of modules that does nothing by itself: the module that holds it decides how they are applied. A plain list in a
 * field is registered just as well; this one has a `forward` that explains the mistake of calling it.
 *
 * @example
 * ```ts
 * class Residual extends nn.Module {
 *   blocks = new nn.ModuleList([new nn.Linear(8, 8), new nn.Linear(8, 8)])
 *   forward(x: Tensor) {
 *     for (const block of this.blocks) x = x.add(block.forward(x))
 *     return x
 *   }
 * }
 * console.log(Object.keys(new Residual().stateDict())[0]) // 'blocks.0.weight'
 * ```
 */
export class ModuleList<Element extends AnyModule = Module> extends Module<never[], never> {
  readonly #elements: Element[]

  constructor(elements: Iterable<Element> = []) {
    super()
    this.#elements = [...elements]
  }

  protected override *entries(): Generator<[string, unknown]> {
    for (const [i, element] of this.#elements.entries()) yield [String(i), element]
    yield* super.entries()
  }

  /** How many modules it holds. */
  get length(): number {
    return this.#elements.length
  }

  /** A module by its number; negative ones count from the end. */
  at(index: number): Element {
    const element = this.#elements.at(index)
    if (!element) throw new TrainyardError(`ModuleList: there is no module ${index} among ${this.length}`)
    return element
  }

  /** Adds a module at the end. */
  push(element: Element): this {
    this.#elements.push(element)
    return this
  }

  [Symbol.iterator](): Iterator<Element> {
    return this.#elements[Symbol.iterator]()
  }

  forward(): never {
    throw new TrainyardError('ModuleList: has no forward; call that of its elements, or use Sequential')
  }
}
