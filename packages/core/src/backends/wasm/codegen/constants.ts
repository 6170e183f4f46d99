import { i32x4 } from '../assembler/index.ts'

/** A truth in memory is this bit. */
export const ones32 = i32x4.splat(1)
