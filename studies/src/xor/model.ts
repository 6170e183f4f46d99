import { type Generator, nn } from '@trainyard/core'

/**
 * A network with `depth` hidden layers of `width` tanh units, from 2 inputs to 1 logit. Depth 0 is linear, whatever the
 * width. Every layer has weights of its own.
 */
export function xorModel(depth: number, width: number): nn.Sequential {
  const layers: nn.Module[] = []
  let size = 2
  for (let layer = 0; layer < depth; layer++) {
    layers.push(new nn.Linear(size, width), new nn.Tanh())
    size = width
  }
  return new nn.Sequential(...layers, new nn.Linear(size, 1))
}

/** Draws all weights anew: another network, in the same memory, for the same compiled programs. */
export function resetWeights(model: nn.Sequential, generator: Generator): void {
  for (const layer of model.layers) if (layer instanceof nn.Linear) layer.resetParameters(generator)
}

/** The number of weights and biases by the formula; the study counts the model's as well and compares. */
export function parametersByFormula(depth: number, width: number): number {
  if (depth === 0) return 2 + 1
  return 2 * width + width + (depth - 1) * (width * width + width) + width + 1
}
