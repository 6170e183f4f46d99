import type { Node } from '../../../graph/node.ts'
import type { LoweringContext, Step } from './step.ts'

const no = (_n: Node, _c: LoweringContext): Step[] => {
  throw new Error('todo')
}
export const lowerMaxPool2d = no,
  lowerMaxPool2dIndex = no,
  lowerMaxPool2dScatter = no,
  lowerMaxPool2dSelect = no,
  lowerSumPool2dGrad = no
