import { type Node, topologicalOrder } from '../../graph/node.ts'
import { Storage } from '../../graph/storage.ts'
import type { OpName } from '../../ops/registry.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import { formatShape, sizeOf } from '../../tensor/shape.ts'
import type { Backend, Executable, ProgramGraph, RunArguments } from '../backend.ts'
import { inDouble } from './arrays.ts'
import { kernels, type ReferenceKernel } from './kernels.ts'

/** The oracle: computes a graph node by node in plain JavaScript, as slowly and clearly as possible. */
export const reference: Backend = {
  name: 'reference',
  build: (graph) => new ReferenceProgram(graph),
}

/** The oracle's oracle: the same with float64 in place of float32 everywhere, for finite differences and error bounds. */
export const referenceDouble: Backend = {
  name: 'reference float64',
  build(graph) {
    const program = new ReferenceProgram(graph)
    return { run: (args) => inDouble(() => program.run(args)), explain: () => program.explain() }
  },
}

class ReferenceProgram implements Executable {
  readonly #graph: ProgramGraph
  readonly #order: readonly Node[]

  constructor(graph: ProgramGraph) {
    this.#graph = graph
    this.#order = topologicalOrder([...graph.outputs, ...graph.updates.map((update) => update.value)])
  }

  run({ inputs, buffers, feeds }: RunArguments): Storage[] {
    const graph = this.#graph
    const values = new Map<Node, TypedArray>()
    graph.inputs.forEach((node, i) => {
      values.set(node, inputs[i].read())
    })
    const elementsOf = new Map(graph.buffers.map((node, i) => [node.attrs.storage, buffers[i].read()]))
    graph.feeds.forEach((node, i) => {
      values.set(node, node.dtype === 'float32' ? Float32Array.from(feeds[i]) : Int32Array.from(feeds[i]))
    })
    for (const node of this.#order) {
      if (values.has(node)) continue
      if (node.op.name === 'buffer') values.set(node, elementsOf.get(node.attrs.storage)!)
      else {
        const kernel = kernels[node.op.name as OpName] as ReferenceKernel<unknown>
        const operands = node.inputs.map((input) => values.get(input)!)
        values.set(node, kernel(node, operands, node.attrs))
      }
    }
    // Copies first: an update may overwrite what another output or update is.
    const outputs = graph.outputs.map((node) => values.get(node)!.slice())
    const updated = graph.updates.map(({ value }) => values.get(value)!.slice())
    graph.updates.forEach(({ buffer }, i) => {
      buffers[buffer].write(updated[i])
    })
    return outputs.map((elements, i) => new Storage(graph.outputs[i].dtype, elements.length, elements))
  }

  explain() {
    const kernelLines = this.#order
      .filter((node) => node.op.kind !== 'leaf')
      .map((node) => ({ name: node.op.name, shape: formatShape(node.shape), flops: 0, bytes: sizeOf(node.shape) * 4 }))
    return {
      kernels: kernelLines,
      arenaBytes: kernelLines.reduce((bytes, line) => bytes + line.bytes, 0),
      bufferBytes: this.#graph.buffers.reduce((bytes, node) => bytes + sizeOf(node.shape) * 4, 0),
      resultBytes: this.#graph.outputs.reduce((bytes, node) => bytes + sizeOf(node.shape) * 4, 0),
    }
  }
}
