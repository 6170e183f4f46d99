import { received, TrainyardError } from '../errors.ts'
import { enableGrad } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { formatShape } from '../tensor/shape.ts'
import { independent, Tensor } from '../tensor/tensor.ts'
import { gradients } from './backward.ts'

/**
 * Makes of a function to one number the function to its gradient with respect to the first argument. It can be applied
 * again for higher derivatives.
 *
 * @example
 * ```ts
 * const cube = (x: Tensor) => x.mul(x).mul(x).sum()
 * await grad(cube)(tensor([2])).toArray() // [12]
 * ```
 */
export function grad<Rest extends unknown[]>(
  fn: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => Tensor {
  return (x, ...rest) => valueAndGrad(fn)(x, ...rest).gradient
}

/** As `grad`, with the value of the function as well. */
export function valueAndGrad<Rest extends unknown[]>(
  fn: (x: Tensor, ...rest: Rest) => Tensor,
): (x: Tensor, ...rest: Rest) => { value: Tensor; gradient: Tensor } {
  return (x, ...rest) =>
    enableGrad(() => {
      if (!(x instanceof Tensor) || x.dtype !== 'float32') {
        const got = x instanceof Tensor ? x.toString() : received(x)
        throw new TrainyardError(`grad: the first argument must be a tensor of type float32, got ${got}`)
      }
      const variable = independent(x)
      const value = fn(variable, ...rest)
      if (!(value instanceof Tensor)) {
        throw new TrainyardError(`grad: the function must give a tensor of one number, got ${received(value)}`)
      }
      if (value.size !== 1) {
        throw new TrainyardError(`grad: the function must give one number, got shape ${formatShape(value.shape)}`)
      }
      const one = g.reshape(g.scalar(1), value.shape)
      const [gradient] = gradients(value.node, [variable.node], one)
      return {
        value,
        gradient: new Tensor(
          gradient ??
            g.expand(
              g.reshape(
                g.scalar(0),
                x.shape.map(() => 1),
              ),
              x.shape,
            ),
        ),
      }
    })
}
