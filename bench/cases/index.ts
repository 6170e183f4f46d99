import type { Case } from './case.ts'
import { contractionCases } from './contractions.ts'
import { mnistCases } from './mnist.ts'
import { peakCases } from './peak.ts'
import { unetCases } from './unet.ts'
import { xorCases } from './xor.ts'

/** All cases, in the order in which they run. */
export const cases: readonly Case[] = [...peakCases, ...xorCases, ...mnistCases, ...unetCases, ...contractionCases]

/**
 * Those whose name contains every part of one of the words: `decoder forward` is one word of two parts.
 *
 * @throws Error where there are none.
 */
export function chooseCases(words: readonly string[]): Case[] {
  if (words.length === 0) return [...cases]
  const alternatives = words.map((word) => word.split(/[\s+]+/).filter(Boolean))
  const chosen = cases.filter(({ name, group }) =>
    alternatives.some((parts) => parts.every((part) => `${group} ${name}`.includes(part))),
  )
  if (chosen.length === 0) throw new Error(`no case's name contains ${words.map((word) => `"${word}"`).join(' or ')}`)
  return chosen
}
