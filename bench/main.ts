/**
 * Trainyard beside its peers on this machine: `npm run bench -- [words] [options]`; README.md says how to read it. Peers
 * run where they are installed: PyTorch by TRAINYARD_PYTHON=/path/to/python, JAX by TRAINYARD_JAX_PYTHON, TensorFlow.js
 * and jax-js after `npm install --prefix bench`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { chooseCases } from './cases/index.ts'
import { readOptions, usage } from './options.ts'
import { goalLines } from './report/console.ts'
import { replaceFigures, toMarkdown } from './report/markdown.ts'
import { readReports } from './report/saved.ts'
import { run } from './run.ts'

const log = (text: string): void => void process.stderr.write(`${text}\n`)
process.once('SIGINT', () => process.exit(130))

try {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    console.log(usage)
    process.exit()
  }
  const { words, markdown, json, from, beside } = options
  const page = markdown === null ? null : readFileSync(markdown, 'utf8')
  // What would go wrong at the end is found before anything is measured.
  if (page !== null) replaceFigures(page, '')
  const report = from.length > 0 ? readReports(from) : await run(chooseCases(words), beside, options, log)
  for (const line of goalLines(report)) log(line)
  if (page !== null) writeFileSync(markdown!, replaceFigures(page, toMarkdown(report)))
  if (json) console.log(JSON.stringify(report, null, 2))
  process.exit()
} catch (error) {
  log(`bench: ${(error as Error).message}`)
  process.exit(1)
}
