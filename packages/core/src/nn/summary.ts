import { TrainyardError } from '../errors.ts'
import { type Node, noGrad, topologicalOrder } from '../graph/node.ts'
import { registry } from '../ops/registry.ts'
import { withoutEffects } from '../runtime/trace.ts'
import { tensorsIn } from '../runtime/tree.ts'
import { zeros } from '../tensor/create.ts'
import type { DType } from '../tensor/dtype.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { AnyModule } from './module.ts'
import { observe } from './observe.ts'

/** One call of a layer. */
export interface LayerSummary {
  /** The state-dict key: `0`, `encoder.conv1`. */
  readonly key: string
  /** The class and its options: `Conv2d(1, 16, kernelSize=[3, 3], stride=[1, 1])`. */
  readonly layer: string
  readonly type: string
  /** How deep it is nested. */
  readonly depth: number
  /** Whether it holds no other modules. */
  readonly isLayer: boolean
  readonly inputShape: Shape | null
  readonly outputShape: Shape | null
  /** Numbers in its parameters, all modules below included. */
  readonly parameters: number
  /** Multiplications and additions of its matrix products and convolutions, in pairs. */
  readonly multiplyAdds: number
}

/** What a model consists of. `String(summary)` is the table. */
export interface Summary {
  readonly name: string
  readonly layers: readonly LayerSummary[]
  /** Numbers in all parameters; shared ones count once. */
  readonly parameters: number
  readonly trainable: number
  readonly multiplyAdds: number
  readonly inputShape: Shape
  readonly outputShape: Shape | null
  /** The table: a line for each layer, and the sums. */
  toString(): string
}

/**
 * Lists the layers of a model with the shapes that go in and come out, by tracing it for an input of a shape. Nothing is
 * computed and nothing changes: neither running statistics nor random numbers.
 *
 * @param inputShape With the batch: [1, 1, 28, 28].
 * @param options.dtype Type of the input. Default float32.
 * @example
 * ```ts
 * const model = new nn.Sequential(new nn.Conv2d(1, 16, 3), new nn.ReLU(), new nn.MaxPool2d(2))
 * console.log(nn.summary(model, [1, 1, 28, 28]).layers.map((layer) => layer.outputShape))
 * // [[1, 16, 26, 26], [1, 16, 26, 26], [1, 16, 13, 13]]
 * ```
 */
export function summary(model: AnyModule, inputShape: Shape, { dtype = 'float32' }: { dtype?: DType } = {}): Summary {
  const input = zeros(inputShape, { dtype })
  const { begun, result } = withoutEffects(() =>
    noGrad(() => model.inMode(false, () => observe(model, () => model.forward(...([input] as never[]))))),
  )
  const layers = begun
    .filter(({ module }) => module !== model || begun.length === 1)
    .map(({ key, module, depth, isLayer, inputs, output }) => {
      const sources = tensorsIn(inputs).map((tensor) => tensor.node)
      return {
        key,
        layer: isLayer ? String(module) : module.constructor.name,
        type: module.constructor.name,
        depth: Math.max(0, depth - 1),
        isLayer,
        inputShape: shapeOf(inputs),
        outputShape: shapeOf(output),
        parameters: countOf(module.parameters()),
        multiplyAdds: multiplyAddsOf(tensorsIn(output), sources),
      }
    })
  if (layers.length === 0) throw new TrainyardError(`summary: ${model.constructor.name} called none of its modules`)
  const all = model.parameters()
  const found = {
    name: model.constructor.name,
    layers,
    parameters: countOf(all),
    trainable: countOf(all.filter((parameter) => parameter.requiresGrad)),
    multiplyAdds: multiplyAddsOf(tensorsIn(result), [input.node]),
    inputShape,
    outputShape: shapeOf(result),
  }
  return { ...found, toString: () => table(found) }
}

function shapeOf(value: unknown): Shape | null {
  return value instanceof Tensor ? value.shape : (tensorsIn(value)[0]?.shape ?? null)
}

function countOf(parameters: readonly Tensor[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0)
}

/** Products that are added up, in everything between some nodes and others. */
function multiplyAddsOf(outputs: readonly Tensor[], inputs: readonly Node[]): number {
  const ends = new Set(inputs)
  const order = topologicalOrder(
    outputs.map((tensor) => tensor.node),
    (node) => ends.has(node),
  )
  return order.filter((node) => !ends.has(node)).reduce((sum, node) => sum + productsOf(node), 0)
}

function productsOf({ op, inputs, attrs, shape }: Node): number {
  if (op === registry.matmul) return sizeOf(shape) * inputs[0].shape.at(attrs.transposeA ? -2 : -1)!
  if (op === registry.conv2d) return sizeOf(shape) * sizeOf(inputs[1].shape.slice(1))
  if (op === registry.conv2dInputGrad) return sizeOf(inputs[0].shape) * sizeOf(inputs[1].shape.slice(1))
  return 0
}

function table(summary: Omit<Summary, 'toString'>): string {
  const grouped = (n: number) => n.toLocaleString('en-US')
  const rows = summary.layers.map(({ key, layer, depth, inputShape, outputShape, parameters }) => [
    `${'  '.repeat(depth)}${key}`,
    layer,
    inputShape ? formatShape(inputShape) : '',
    outputShape ? formatShape(outputShape) : '',
    parameters === 0 ? '–' : grouped(parameters),
  ])
  const head = ['Key', 'Layer', 'Input', 'Output', 'Parameters']
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length), title.length),
  )
  const print = (row: readonly string[]) =>
    row.map((cell, i) => (i === row.length - 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')
  const { parameters, trainable } = summary
  const frozen = parameters === trainable ? '' : `, ${grouped(parameters - trainable)} of them frozen`
  return [
    print(head),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(print),
    '',
    `${grouped(parameters)} parameters${frozen}; ${grouped(summary.multiplyAdds)} multiply-adds`,
  ].join('\n')
}
