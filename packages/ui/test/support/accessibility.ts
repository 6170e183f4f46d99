/** Looks for what keeps people out, with axe. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** Findings that are serious or critical, one line each; none is expected. `part`: only there. `rules`: only these. */
export async function seriousFindings(page: Page, part = 'body', rules?: string[]): Promise<string[]> {
  // Not as a script element: the server's policy forbids those.
  await page.evaluate(source)
  const findings = await page.evaluate(
    async ({ part, rules }) => {
      const axe = (
        window as unknown as { axe: { run(part: Element, options: object): Promise<{ violations: Finding[] }> } }
      ).axe
      return (
        await axe.run(document.querySelector(part)!, { resultTypes: ['violations'], ...(rules && { runOnly: rules }) })
      ).violations as Finding[]
    },
    { part, rules },
  )
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary.replace(/\s+/g, ' ')}`),
    )
}
