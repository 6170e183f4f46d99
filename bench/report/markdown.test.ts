import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultsOf } from './goals.ts'
import { beginMark, endMark, replaceFigures, toMarkdown } from './markdown.ts'
import type { CaseReport, Report } from './report.ts'
import { joinReports } from './saved.ts'

const unet: CaseReport = {
  name: 'unet_step',
  group: 'models',
  unit: 'step',
  seconds: 0.8,
  shareOfPeak: 0.45,
  beside: [
    { name: 'PyTorch', variant: false, seconds: 1.6, ratio: 2 },
    { name: 'one thread', variant: true, seconds: 1.2, ratio: 1.5 },
    { name: 'jax-js', variant: false, note: 'no such model' },
  ],
}
const conv = (pass: string, seconds: number): CaseReport => ({
  name: `decoder 3x3 8->8 @16 ${pass}`,
  group: 'kernels',
  unit: 'call',
  seconds,
  gflops: 1e-3 / seconds,
  shareOfPeak: 0.9,
  beside: [],
})
const report: Report = {
  date: '2026-01-02T03:04:05Z',
  machine: { cpu: 'Some CPU', cores: 2, memoryBytes: 16e9, system: 'Linux 6' },
  loadBefore: 0.2,
  node: 'v24.0.0',
  rounds: 5,
  threads: 2,
  trainyard: { version: '0.1.0', revectorize: true, flavour: 'relaxed' },
  peers: { PyTorch: '2.13.0' },
  absent: {},
  cases: [unet, conv('forward', 1e-5), conv('weightGradient', 2e-5)],
}

test('tables show times, ratios, shares, and passes side by side', () => {
  const text = toMarkdown(report)
  assert.match(text, /^2026-01-02, Some CPU, 2 cores/)
  assert.match(text, /\| unet_step \| 800\.00 ms \| 45 % \| 1\.60 s \(2\.00×\) \|/)
  assert.match(text, /\| decoder 3x3 8->8 @16 \| 100, \*\*90 %\*\* \| {2}\| 50, \*\*90 %\*\* \|/)
  assert.doesNotMatch(text, /Provisional/)
  assert.match(toMarkdown({ ...report, loadBefore: 3 }), /^\*\*Provisional:\*\*/)
})

test('goals tell what was reached and what was not; what was not measured is not judged', () => {
  assert.deepEqual(
    resultsOf([unet]).map(({ what, reached, met }) => [what, reached, met]),
    [
      ['against PyTorch', '2.00×', true],
      ['of the peak', '45 %', false],
      ['against one thread', '1.50×', false],
    ],
  )
})

test('many cases of one goal are counted, and only those that miss it named', () => {
  const kernels = Array.from({ length: 20 }, (_, i) => ({
    ...conv('forward', 1e-5),
    name: `decoder ${i}`,
    ...(i === 7 && { shareOfPeak: 0.1 }),
  }))
  assert.deepEqual(
    resultsOf(kernels).map(({ name, reached, met }) => [name, reached, met]),
    [
      ['20 cases', '19 of 20', false],
      ['decoder 7', '10 %', false],
    ],
  )
})

test('figures replace only what stands between the marks', () => {
  const page = `before\n${beginMark}\nold\n${endMark}\nafter\n`
  const once = replaceFigures(page, 'new')
  assert.equal(once, `before\n${beginMark}\nnew\n${endMark}\nafter\n`)
  assert.equal(replaceFigures(once, 'new'), once)
  assert.throws(() => replaceFigures('no marks', 'new'), /no place for figures/)
})

test('of several reports the last one counts for a case, and a busy machine for all', () => {
  const again = { ...report, loadBefore: 2, cases: [{ ...unet, seconds: 0.7 }] }
  const joined = joinReports([report, again])
  assert.equal(joined.cases.find(({ name }) => name === 'unet_step')?.seconds, 0.7)
  assert.equal(joined.cases.length, 3)
  assert.equal(joined.loadBefore, 2)
})
