export type { XorResult, XorRow } from './xor/result.ts'
export { type XorOptions, xorStudy } from './xor/study.ts'
