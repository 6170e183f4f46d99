/** A few runs with something of everything, for tests of what reads them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Artifact, ConfusionMatrix, Histogram, Html, Image, init, Plot, Table } from '../index.ts'

export const SAMPLE_ROWS = 3000

/** Runs `a` (lr 0.1, finished), `b` (lr 0.01, finished) and `c` (failed) in project `sample`. */
export async function sampleRuns(dir: string): Promise<void> {
  for (const [id, lr] of [
    ['a', 0.1],
    ['b', 0.01],
    ['c', 0.001],
  ] as const) {
    const run = await init({
      dir,
      project: 'sample',
      id,
      name: `run ${id}`,
      group: id === 'c' ? 'late' : 'early',
      tags: [`tag-${id}`],
      config: { lr, optimizer: id === 'a' ? 'sgd' : 'adam', net: { depth: 3 } },
      capture: { console: false, git: false, environment: true, system: true },
    })
    run.defineMetric('val/*', { stepMetric: 'epoch', summary: ['min', 'last'], goal: 'minimize' })
    for (let i = 0; i < SAMPLE_ROWS; i++) {
      run.log({ loss: Math.exp(-i * lr * 0.01), noise: (i * 7919) % 101 })
      if (i % 1000 === 0) run.log({ 'val/loss': 1 / (i + 1), epoch: i / 1000 }, { step: run.step })
    }
    if (id === 'c') {
      run.log({ loss: Number.NaN })
      await run.finish({ error: new Error('diverged') })
      continue
    }
    const image = new Image(
      { data: new Uint8Array(16).fill(128), width: 4, height: 4 },
      {
        caption: 'grey',
        masks: { truth: { data: new Uint8Array(16).fill(1), classes: { 1: 'lung' } } },
        boxes: { found: { boxes: [{ box: [0, 0, 2, 2] }] } },
      },
    )
    for (let i = 0; i < 5; i++) run.log({ picture: image, weights: new Histogram([i, i + 1, i + 2], { bins: 4 }) })
    run.log({
      table: new Table(
        ['picture', 'n', 'word'],
        [
          [image, 2, 'two'],
          [null, 1, 'one'],
        ],
      ),
      confusion: new ConfusionMatrix({ classes: ['no', 'yes'], truth: [0, 1], predictions: [1, 1] }),
      html: new Html('<script>document.title = 1</script>'),
      plot: new Plot({ mark: 'line' }),
      note: 'a note',
    })
    run.alert({ title: 'look', text: 'here', level: 'warn' })
    run.setModelSummary('Linear 2 -> 1')
    const file = join(dir, `${id}.txt`)
    writeFileSync(file, `weights of ${id}`)
    await run.saveFile(file, { name: 'out/weights.txt' })
    await run.logArtifact(new Artifact('model', { type: 'model', metadata: { lr } }).addFile(file), { aliases: [id] })
    if (id === 'b') await run.useArtifact('model:a')
    await run.finish()
  }
}
