import type { Explanation } from './backend.ts'

/** How `formatExplanation` prints. */
export interface FormatOptions {
  /** Fastest the machine can multiply and add, in GFLOP/s of all threads together; adds a column of per cent. */
  readonly peak?: number
  /** Rows shown; the rest is summed up in one. Default 40. */
  readonly rows?: number
}

/**
 * Prints what a program consists of: its kernels with shapes, operations and bytes, and, where it was profiled, time,
 * GFLOP/s and GB/s, the slowest first; and what memory it needs.
 *
 * @example
 * ```ts
 * const double = compile((x: Tensor) => x.mul(2))
 * await double(tensor([1, 2]))
 * console.log(formatExplanation(double.explain()[0]))
 * ```
 */
export function formatExplanation(explanation: Explanation, { peak, rows = 40 }: FormatOptions = {}): string {
  const timed = explanation.kernels.every(({ seconds }) => seconds !== undefined)
  const kernels = timed ? [...explanation.kernels].sort((a, b) => b.seconds! - a.seconds!) : [...explanation.kernels]
  const total = kernels.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)
  const flops = kernels.reduce((sum, kernel) => sum + kernel.flops, 0)
  const header = ['kernel', 'shape', 'MFLOP', 'MB', ...(timed ? ['ms', '%', 'GFLOP/s', 'GB/s'] : [])]
  if (timed && peak) header.push('% of peak')
  const line = (name: string, shape: string, operations: number, bytes: number, seconds?: number): string[] => {
    const cells = [name, shape, (operations / 1e6).toFixed(2), (bytes / 1e6).toFixed(2)]
    if (!timed || seconds === undefined) return cells
    const rate = operations / Math.max(seconds, 1e-12) / 1e9
    cells.push((seconds * 1e3).toFixed(3), ((100 * seconds) / Math.max(total, 1e-12)).toFixed(1))
    cells.push(rate.toFixed(1), (bytes / Math.max(seconds, 1e-12) / 1e9).toFixed(1))
    if (peak) cells.push(((100 * rate) / peak).toFixed(0))
    return cells
  }
  const shown = kernels.slice(0, rows).map((k) => line(k.name, k.shape, k.flops, k.bytes, k.seconds))
  const rest = kernels.slice(rows)
  if (rest.length > 0) {
    const sum = (of: (kernel: (typeof rest)[number]) => number) => rest.reduce((all, kernel) => all + of(kernel), 0)
    shown.push(
      line(
        `${rest.length} more`,
        '',
        sum((k) => k.flops),
        sum((k) => k.bytes),
        timed ? sum((k) => k.seconds!) : undefined,
      ),
    )
  }
  const bytes = kernels.reduce((all, kernel) => all + kernel.bytes, 0)
  shown.push(line('all', `${kernels.length} kernels`, flops, bytes, timed ? total : undefined))
  const table = alignColumns([header, ...shown])
  const megabytes = (b: number): string => `${(b / 1e6).toFixed(1)} MB`
  return `${table}\nmemory: ${megabytes(explanation.arenaBytes)} for intermediates at their peak, ${megabytes(explanation.bufferBytes)} for buffers that stay, ${megabytes(explanation.resultBytes)} for results`
}

/** Pads cells to the width of their column; the first two columns are text, the others numbers. */
function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
