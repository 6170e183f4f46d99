import type { FunctionBuilder, I32, V128 } from '../assembler/index.ts'

/**
 * Stores adjacent vectors of which `columns` lanes are valid; never writes behind them. All values are computed before
 * the first store: V8 joins two operations only if no store stands between the loads that they grow from.
 */
export function storeColumns(
  f: FunctionBuilder,
  address: I32,
  values: readonly V128[],
  columns: number,
  offset = 0,
): void {
  const computed = values.map((value) => ('index' in value ? value : f.let(value)))
  computed.forEach((value, v) => {
    const lanes = columns - 4 * v
    const at = offset + 16 * v
    if (lanes >= 4) f.store(address, value, { offset: at, align: 4 })
    else storeLanes(f, address, value, lanes, at)
  })
}

function storeLanes(f: FunctionBuilder, address: I32, vector: V128, lanes: number, offset: number): void {
  if (lanes >= 2) f.storeLane(64, address, vector, 0, { offset, align: 4 })
  if (lanes === 1 || lanes === 3) f.storeLane(32, address, vector, lanes - 1, { offset: offset + 4 * (lanes - 1) })
}
