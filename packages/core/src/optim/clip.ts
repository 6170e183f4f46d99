import { received, TrainyardError } from '../errors.ts'
import { noGrad } from '../graph/node.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkRange } from './check.ts'

/**
 * Shortens all gradients together so that the norm of all their elements is at most `maxNorm`. Call it between
 * `backward` and `step`.
 *
 * @param options.normType The p of the norm; Infinity for the largest element. Default 2.
 * @returns The norm before.
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * model.forward(ones([4, 2])).mul(100).sum().backward()
 * const norm = optim.clipGradNorm(model.parameters(), 1)
 * console.log((await norm.item()) > 1) // true
 * ```
 */
export function clipGradNorm(
  parameters: Iterable<Tensor>,
  maxNorm: number,
  { normType = 2 }: { normType?: number } = {},
): Tensor {
  checkRange(maxNorm, 'clipGradNorm: maxNorm', 0)
  if (!(normType > 0)) throw new TrainyardError(`clipGradNorm: normType must be above 0, got ${normType}`)
  return noGrad(() => {
    const list = withGradient(parameters)
    if (list.length === 0) return zeros([])
    const norm = normOf(
      list.map((parameter) => parameter.grad!),
      normType,
    )
    // The same small number as PyTorch's, against a division by 0.
    const factor = norm.add(1e-6).reciprocal().mul(maxNorm).clamp(undefined, 1)
    for (const parameter of list) parameter.grad = parameter.grad!.mul(factor)
    return norm
  })
}

/** Limits every element of the gradients to −value..value. */
export function clipGradValue(parameters: Iterable<Tensor>, value: number): void {
  checkRange(value, 'clipGradValue: value', 0)
  noGrad(() => {
    for (const parameter of withGradient(parameters)) parameter.grad = parameter.grad!.clamp(-value, value)
  })
}

function withGradient(parameters: Iterable<Tensor>): Tensor[] {
  if (typeof parameters?.[Symbol.iterator] !== 'function') {
    throw new TrainyardError(
      `clip: wants a list of parameters, as model.parameters() gives it, got ${received(parameters)}`,
    )
  }
  return [...parameters].filter((parameter) => parameter.grad !== null)
}

function normOf(tensors: readonly Tensor[], p: number): Tensor {
  if (p === Number.POSITIVE_INFINITY) return tensors.map((t) => t.abs().max()).reduce((a, b) => a.maximum(b))
  const powers = tensors.map((t) => (p === 2 ? t.mul(t) : p === 1 ? t.abs() : t.abs().pow(p)).sum())
  const total = powers.reduce((a, b) => a.add(b))
  return p === 2 ? total.sqrt() : p === 1 ? total : total.pow(1 / p)
}
