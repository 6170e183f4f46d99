import { type nn, noGrad, type Tensor } from '@trainyard/core'
import type { Parts } from '../batches.ts'
import { outputOf } from '../trainer/objective.ts'

export interface Cause {
  /** The key of the layer, where one was found. */
  readonly layer: string | null
  /** What was found, and what to do. */
  readonly text: string
}

/**
 * Finds out why a loss is not finite, by running the model once more, layer by layer, on the same batch with the same
 * weights: inputs, then weights, then the output of each layer in the order in which they finish, then the loss itself.
 */
export async function findCause(model: nn.AnyModule, { inputs, targets }: Parts): Promise<Cause> {
  for (const [what, tensors] of [['input', inputs] as const, ['target', targets] as const]) {
    for (const tensor of tensors) {
      const fault = await faultOf(tensor)
      if (fault) return { layer: null, text: `the batch's ${what} holds ${fault}; check the data` }
    }
  }
  for (const [key, parameter] of model.namedParameters()) {
    const fault = await faultOf(parameter)
    if (!fault) continue
    const layer = key.slice(0, Math.max(0, key.lastIndexOf('.')))
    return {
      layer,
      text: `the weights of layer ${describe(model, layer)} hold ${fault} (${key}) since an earlier update; lower the learning rate or clip gradients`,
    }
  }
  for (const { key, output } of outputsInOrder(model, inputs)) {
    const fault = await faultOf(output)
    if (fault) {
      return {
        layer: key,
        text: `layer ${describe(model, key)} is the first whose output holds ${fault}; lower the learning rate, clip gradients or normalise its input`,
      }
    }
  }
  return {
    layer: null,
    text: "the model's output is finite, so it arises in the loss function: a logarithm of 0, or a division by 0",
  }
}

async function faultOf(tensor: Tensor): Promise<string | null> {
  if (tensor.dtype !== 'float32') return null
  const elements = await tensor.data()
  if (elements.some((element) => Number.isNaN(element))) return 'NaN'
  return elements.every((element) => Number.isFinite(element)) ? null : 'an infinity'
}

function describe(model: nn.AnyModule, key: string): string {
  for (const [name, module] of model.namedModules()) {
    if (name === key) return key === '' ? module.constructor.name : `${key} (${module.constructor.name})`
  }
  return key
}

/** Runs the model with every module's output written down. */
function outputsInOrder(model: nn.AnyModule, inputs: readonly Tensor[]): { key: string; output: Tensor }[] {
  const outputs: { key: string; output: Tensor }[] = []
  const modules = [...model.namedModules()] as unknown as [string, { forward: (...args: unknown[]) => unknown }][]
  for (const [key, module] of modules) {
    const forward = module.forward
    // An own property stands before the method of the class until it is deleted.
    module.forward = (...args) => {
      const output = forward.apply(module, args)
      if (isTensor(output)) outputs.push({ key, output })
      return output
    }
  }
  try {
    noGrad(() => outputOf(model, { inputs }))
  } finally {
    for (const [, module] of modules) delete (module as { forward?: unknown }).forward
  }
  return outputs
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value
}
