import type { Expr } from './expr.ts'

/** Bytes that grow at the end. */
export class CodeBuffer {
  private bytes = new Uint8Array(128)
  length = 0

  push(byte: number): void {
    if (this.length === this.bytes.length) this.grow()
    this.bytes[this.length++] = byte
  }

  append(bytes: ArrayLike<number>): void {
    const end = this.length + bytes.length
    while (end > this.bytes.length) this.grow()
    for (let i = 0; i < bytes.length; i++) this.bytes[this.length + i] = bytes[i]!
    this.length = end
  }

  /** Appends an expression's instructions: operands first, from left to right. */
  appendExpr(node: Expr): void {
    for (const operand of node.operands) this.appendExpr(operand)
    this.append(node.code)
  }

  /** What has been written, without a copy. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length)
    larger.set(this.bytes)
    this.bytes = larger
  }
}
