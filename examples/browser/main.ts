/** The page's loop: some steps, a picture, the next frame. */
import { createWasmBackend, useBackend } from '@trainyard/core'
import { Classifier } from './classifier.ts'
import { draw } from './draw.ts'
import { gridOf, twoSpirals } from './spirals.ts'

const STEPS_A_FRAME = 20
const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const show = (id: string, text: string): void => void (find(id).textContent = text)

// Threads need shared memory, which a page has only where it is isolated from others: see vite.config.ts.
const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1
useBackend(await createWasmBackend({ threads }))
show('threads', crossOriginIsolated ? String(threads) : '1: the page is not isolated')

const spirals = twoSpirals(240, 7)
const grid = gridOf(80)
const canvas = find<HTMLCanvasElement>('surface')
let seed = 1
let classifier = new Classifier(seed)
let steps = 0
let running = true

find('toggle').onclick = () => {
  running = !running
  show('toggle', running ? 'Pause' : 'Go on')
}
find('again').onclick = () => {
  classifier = new Classifier(++seed)
  steps = 0
  show('steps', '0')
}

async function frame(): Promise<void> {
  const now = classifier
  const start = performance.now()
  const loss = await now.train(spirals.x, spirals.y, STEPS_A_FRAME)
  const milliseconds = (performance.now() - start) / STEPS_A_FRAME
  const answers = await now.predict(spirals.x)
  const right = answers.filter((answer, i) => answer > 0.5 === spirals.arms[i] > 0.5).length
  draw(canvas, await now.predict(grid), spirals)
  if (now !== classifier) return
  steps += STEPS_A_FRAME
  show('steps', String(steps))
  show('loss', loss.toFixed(4))
  show('accuracy', `${right} of ${answers.length}`)
  show('time', `${milliseconds.toFixed(2)} ms`)
}

for (;;) {
  if (running) await frame()
  await new Promise(requestAnimationFrame)
}
