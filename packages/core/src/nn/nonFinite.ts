import { noGrad } from '../graph/node.ts'
import { realize } from '../runtime/realize.ts'
import { withoutEffects } from '../runtime/trace.ts'
import { tensorsIn } from '../runtime/tree.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AnyModule } from './module.ts'
import { type ModuleCall, observe } from './observe.ts'

/** Where a number that is not finite appears first. */
export interface NonFinite {
  /** 'parameter' and 'buffer': it was there before the step. 'loss': all layers are finite, the loss is not. */
  readonly where: 'parameter' | 'buffer' | 'input' | 'layer' | 'loss'
  /** The state-dict key of the layer, parameter or buffer; '' for the model itself. */
  readonly key: string
  /** The sentence for a person: what, where, how many. */
  readonly message: string
}

/**
 * Looks for the first NaN or infinity of a step: in parameters and buffers, then in what goes in, then layer by layer.
 * Nothing changes: gradients, running statistics and parameters stay as they are.
 *
 * @param computeLoss The forward pass of the step, with the loss, but without `backward`.
 * @returns null where everything is finite.
 * @example
 * ```ts
 * const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU())
 * const fault = await nn.findNonFinite(model, () => model.forward(tensor([[1, 2]])).log().mean())
 * console.log(fault?.where ?? 'all finite')
 * ```
 */
export async function findNonFinite(model: AnyModule, computeLoss: () => Tensor): Promise<NonFinite | null> {
  const held = await firstHeld(model)
  if (held) return held
  const { result: loss, ended } = noGrad(() => withoutEffects(() => observe(model, computeLoss)))
  await realize([loss, ...ended.flatMap(({ inputs, output }) => tensorsIn([inputs, output]))])
  for (const call of ended) {
    const output = await countOf(tensorsIn(call.output))
    if (output === null) continue
    const inputs = await countOf(tensorsIn(call.inputs))
    if (inputs === null) return { where: 'layer', key: call.key, message: layerMessage(call, output) }
    // Everything before was finite, so this came from outside.
    return { where: 'input', key: call.key, message: `the input of ${nameOf(call)} holds ${inputs}` }
  }
  const wrong = await countOf([loss])
  if (wrong === null) return null
  return {
    where: 'loss',
    key: '',
    message: `the loss is ${wrong} although all layers are finite; are all labels classes of the model, and logarithms taken of positive numbers?`,
  }
}

async function firstHeld(model: AnyModule): Promise<NonFinite | null> {
  const tensors = [...model.namedTensors()]
  await realize(tensors.map(([, tensor]) => tensor))
  for (const [key, tensor] of tensors) {
    const found = await countOf([tensor])
    if (found === null) continue
    const where = tensor.requiresGrad ? 'parameter' : 'buffer'
    const reason = where === 'parameter' ? '; an earlier step put it there: is the learning rate too high?' : ''
    return { where, key, message: `${key} holds ${found} before the step${reason}` }
  }
  return null
}

function nameOf({ key, module }: ModuleCall): string {
  const text = module.children().length === 0 ? String(module) : module.constructor.name
  return key === '' ? `the model (${text})` : `layer ${key} (${text})`
}

function layerMessage(call: ModuleCall, found: string): string {
  return `${nameOf(call)} is the first whose output is not finite: it holds ${found}, while its input is finite`
}

/** How many NaN and infinities there are, in words; null for none. */
async function countOf(tensors: readonly Tensor[]): Promise<string | null> {
  let [nan, infinite, size] = [0, 0, 0]
  for (const tensor of tensors) {
    const elements = await tensor.data()
    size += elements.length
    for (const x of elements) {
      if (x !== x) nan++
      else if (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY) infinite++
    }
  }
  if (nan + infinite === 0) return null
  const parts = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} infinite` : ''].filter((part) => part !== '')
  return size === 1 ? (nan > 0 ? 'NaN' : 'infinite') : `${parts.join(' and ')} of ${size} numbers`
}
