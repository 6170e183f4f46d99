import type { Expr } from './expr.ts'

/** Appends an expression's instructions: operands first, from left to right. */
export function appendExpr(out: number[], node: Expr): void {
  for (const operand of node.operands) appendExpr(out, operand)
  for (const byte of node.code) out.push(byte)
}
