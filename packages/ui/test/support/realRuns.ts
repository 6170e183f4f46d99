/** Real runs, logged by the real SDK: what the tests against the real server look at. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Artifact, ConfusionMatrix, Histogram, Html, Image, init, Plot, type Run, Table } from '@trainyard/tracker'
import { phantomPixels } from '../../dev/world/picture.ts'
import { random } from '../../dev/world/random.ts'

export const project = 'lungs'

export function scratch(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'trainyard-ui-'))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

export const picture = (seed: number, skill: number): Image => {
  const { size, image, truth, prediction } = phantomPixels(seed, skill, 96)
  const classes = { 0: 'background', 1: 'left lung', 2: 'right lung' }
  return new Image(
    { data: image, width: size, height: size },
    { caption: `case ${seed}`, masks: { truth: { data: truth, classes }, prediction: { data: prediction, classes } } },
  )
}

/** Logs one epoch: losses, and every fourth time pictures. */
export function logEpoch(run: Run, epoch: number, lr: number): void {
  const r = random(epoch + Math.round(lr * 1e6))
  for (let i = 0; i < 10; i++)
    run.log({ 'train/loss': Math.exp(-(epoch * 10 + i) * lr * 0.05) + 0.1 + 0.02 * r.gauss(), 'train/lr': lr })
  run.log({ 'val/loss': Math.exp(-epoch * lr * 0.4) + 0.15, 'val/f1': 0.95 - 0.7 * Math.exp(-epoch * lr * 0.5), epoch })
  if (epoch % 4 === 0)
    run.log({
      'val/examples': [0, 1].map((seed) => picture(seed, 1 - Math.exp(-(epoch + 1) / 8))),
      'val/confusion': new ConfusionMatrix({
        classes: ['background', 'lung'],
        truth: [0, 0, 1, 1, 1],
        predictions: [0, epoch > 8 ? 0 : 1, 1, 1, 1],
      }),
      'weights/encoder': new Histogram(
        Float32Array.from({ length: 500 }, () => r.gauss() * (1 + epoch / 10)),
        { bins: 24 },
      ),
    })
}

const open = (dir: string, id: string, name: string, group: string, config: object): Promise<Run> =>
  init({
    dir,
    project,
    id,
    name,
    group,
    tags: ['test'],
    config,
    capture: { console: false, git: false, environment: true, system: false },
  }) as Promise<Run>

/** Six runs: five finished in two groups, one failed. */
export async function realRuns(dir: string): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const lr = [0.3, 0.2, 0.1, 0.05, 0.02, 0.01][i]
    const run = await open(dir, `run${i}`, `lung-${i}`, i % 2 ? 'sgd' : 'adam', {
      optimizer: { name: i % 2 ? 'sgd' : 'adam', lr },
      batchSize: 8 * (1 + (i % 3)),
      imageSize: 96,
    })
    run.defineMetric('val/*', { stepMetric: 'epoch', summary: ['min', 'last'], goal: 'minimize' })
    for (let epoch = 0; epoch < (i === 5 ? 3 : 20); epoch++) logEpoch(run, epoch, lr)
    if (i === 5) {
      run.alert({ title: 'Loss is not finite', text: 'train/loss became NaN', level: 'error' })
      run.log({ 'train/loss': Number.NaN })
      await run.finish({ error: new Error('diverged') })
      continue
    }
    run.log({
      'val/per_image': new Table(
        ['case', 'f1', 'picture'],
        [
          ['a', 0.91, picture(3, 0.9)],
          ['b', 0.72, picture(4, 0.2)],
          ['c', 0.88, null],
        ],
      ),
      'notes/html': new Html('<h1>Sandboxed</h1><script>parent.document.title = "escaped"</script>'),
      'notes/plot': new Plot({
        mark: 'bar',
        data: {
          values: [
            { a: 'A', b: 28 },
            { a: 'B', b: 55 },
          ],
        },
        encoding: { x: { field: 'a' }, y: { field: 'b', type: 'quantitative' } },
      }),
      'notes/text': 'Split by patient.',
    })
    run.setModelSummary('conv1   3×3   160\nlinear  10    8,010')
    const file = join(dir, `weights-${i}.txt`)
    writeFileSync(file, `weights of ${i}`)
    await run.saveFile(file, { name: 'checkpoints/best.txt' })
    if (i < 2)
      await run.logArtifact(new Artifact('unet', { type: 'model', metadata: { lr } }).addFile(file), {
        aliases: i === 0 ? ['best'] : [],
      })
    await run.finish()
  }
}

/** A run that goes on until it is told to finish. */
export const liveRun = (dir: string): Promise<Run> =>
  open(dir, 'live', 'lung-live', 'adam', { optimizer: { name: 'adam', lr: 0.15 }, batchSize: 8, imageSize: 96 })
