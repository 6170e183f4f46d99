/** Just enough of the filter language to develop the page; the real one is the tracker's. */
import jsep from 'jsep'
import { columnValue } from './columns.ts'
import type { WorldRun } from './run.ts'

jsep.addBinaryOp('and', 2)
jsep.addBinaryOp('or', 1)
jsep.addBinaryOp('in', 6)
jsep.addUnaryOp('not')

export class FilterError extends Error {
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

type Node = jsep.Expression & { [key: string]: never }

export function compile(text: string): (run: WorldRun) => boolean {
  let tree: Node
  try {
    tree = jsep(text) as Node
  } catch (error) {
    const { description, index } = error as { description?: string; index?: number }
    throw new FilterError(description ?? String(error), index ?? 0)
  }
  const column = (node: Node): string =>
    node.type === 'Identifier'
      ? (node.name as string)
      : `${column(node.object)}.${(node.computed as boolean) ? (node.property as { value: string }).value : (node.property as { name: string }).name}`
  const value = (node: Node, run: WorldRun): unknown => {
    switch (node.type as string) {
      case 'Literal':
        return node.value
      case 'Identifier':
        return node.name === 'tags' ? run.tags : columnValue(run, node.name)
      case 'MemberExpression':
        return columnValue(run, column(node))
      case 'ArrayExpression':
        return (node.elements as Node[]).map((element) => value(element, run))
      case 'UnaryExpression': {
        const inner = value(node.argument, run)
        return (node.operator as string) === '-' ? -(inner as number) : !inner
      }
      case 'BinaryExpression':
      case 'LogicalExpression':
        return binary(
          node.operator,
          () => value(node.left, run),
          () => value(node.right, run),
        )
      default:
        throw new FilterError(`${node.type} has no meaning in a filter`, 0)
    }
  }
  return (run) => Boolean(value(tree, run))
}

function binary(operator: string, left: () => unknown, right: () => unknown): unknown {
  if (operator === 'and' || operator === '&&') return left() && right()
  if (operator === 'or' || operator === '||') return left() || right()
  const a = left() as number
  const b = right() as number
  if (operator === '==' || operator === '===') return a === b
  if (operator === '!=' || operator === '!==') return a !== b
  if (operator === 'in') return (b as unknown as unknown[])?.includes?.(a) ?? false
  if (a === null || b === null) return false
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  if (operator === '>') return a > b
  if (operator === '>=') return a >= b
  throw new FilterError(`${operator} has no meaning in a filter`, 0)
}
