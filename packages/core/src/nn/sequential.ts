import { received, TrainyardError } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AnyModule, Module } from './module.ts'

/**
 * Modules applied one after another. Keys are their numbers: `0.weight`, `2.bias`, …
 *
 * @example
 * ```ts
 * const mlp = new nn.Sequential(new nn.Linear(784, 64), new nn.ReLU(), new nn.Linear(64, 10))
 * console.log(mlp.forward(zeros([32, 784])).shape) // [32, 10]
 * ```
 */
export class Sequential extends Module {
  readonly #layers: readonly Module[]

  constructor(...layers: readonly Module[]) {
    super()
    const wrong = layers.findIndex((layer) => !(layer instanceof Module))
    if (wrong >= 0) {
      throw new TrainyardError(
        `Sequential: layer ${wrong} must be a module, got ${received(layers[wrong])}; a function goes into a class of your own that extends nn.Module`,
      )
    }
    this.#layers = layers
  }

  protected override *entries(): Generator<[string, unknown]> {
    for (const [i, layer] of this.#layers.entries()) yield [String(i), layer]
    yield* super.entries()
  }

  /** The layers, in order. */
  get layers(): readonly Module[] {
    return this.#layers
  }

  /** A layer by its number; negative ones count from the end. */
  at(index: number): Module {
    const layer = this.#layers.at(index)
    if (!layer) throw new TrainyardError(`Sequential: there is no layer ${index} among ${this.#layers.length}`)
    return layer
  }

  forward(x: Tensor): Tensor {
    return this.#layers.reduce((value, layer, i) => {
      try {
        return layer.forward(value)
      } catch (error) {
        throw located(error, i, layer)
      }
    }, x)
  }
}

/** Says in the message of an error which layer it came from. */
function located(error: unknown, index: number, layer: AnyModule): unknown {
  if (!(error instanceof TrainyardError)) return error
  const inner = /^layer ([\d.]+)( .*)$/s.exec(error.message)
  error.message = inner
    ? `layer ${index}.${inner[1]}${inner[2]}`
    : `layer ${index} (${layer.constructor.name}): ${error.message}`
  return error
}
