import { Tensor } from '../tensor/tensor.ts'

/**
 * A tensor that training changes. Assigned to a field of a module, it belongs to the module's parameters.
 *
 * @example
 * ```ts
 * class Scale extends nn.Module {
 *   factor = new nn.Parameter(ones([3]))
 *   forward(x: Tensor) {
 *     return x.mul(this.factor)
 *   }
 * }
 * console.log(new Scale().parameters().length) // 1
 * ```
 */
export class Parameter extends Tensor {
  /** @param data The first value; it is not copied. */
  constructor(data: Tensor) {
    super(data.detach().node)
    adopt(this, data)
    this.requiresGrad = true
  }
}

/**
 * A tensor that belongs to a module's state but is not trained: running statistics, counters, tables. Assigned to a field
 * of a module, it is saved and loaded with it.
 *
 * @example
 * ```ts
 * class Counter extends nn.Module {
 *   calls = new nn.Buffer(zeros([1]))
 *   forward(x: Tensor) {
 *     this.calls.assign(this.calls.add(1))
 *     return x
 *   }
 * }
 * console.log(Object.keys(new Counter().stateDict())) // ['calls']
 * ```
 */
export class Buffer extends Tensor {
  /** Whether it is saved in the state dict. */
  readonly persistent: boolean

  /**
   * @param data The first value; it is not copied.
   * @param options.persistent Whether it is saved in the state dict. Default true.
   */
  constructor(data: Tensor, { persistent = true }: { persistent?: boolean } = {}) {
    super(data.detach().node)
    adopt(this, data)
    this.persistent = persistent
  }
}

/** Stands for the memory of a tensor that has some, instead of a copy to be made. */
function adopt(tensor: Tensor, data: Tensor): void {
  if (data.isRealized) tensor.become(data.storage)
}
