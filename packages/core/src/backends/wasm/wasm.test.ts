import { checkParity, checkThreads } from '../../testing/parity.ts'
import { createWasmBackend } from './index.ts'

checkParity(await createWasmBackend({ threads: 1 }))
checkParity(await createWasmBackend({ threads: 1, strict: true }))
checkParity(await createWasmBackend({ threads: 2, fuse: false }))
checkParity(await createWasmBackend({ threads: 2, sliceAbove: 0 }))
checkThreads((threads) => createWasmBackend({ threads }))
