/**
 * A training program for the crash tests: it logs a counter as fast as it is told to, never lets its event loop run, and notes in a file of its
 * own when it logged what. Arguments: DIR ID MODE.
 */

import { once } from 'node:events'
import { appendFileSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Artifact, init } from '@trainyard/tracker'

const [dir, id, mode, extra] = process.argv.slice(2)
const run = await init({ dir, project: 'crash', id, resume: 'allow', capture: mode === 'console' ? {} : false })
const log = (i: number) => run.log({ i, loss: 1 / (i + 1), noise: Math.random() })

function busy(microseconds: number): void {
  const end = performance.now() + microseconds / 1000
  while (performance.now() < end);
}

if (mode === 'busy') {
  const notes = openSync(join(dir, `${id}.notes`), 'a')
  const note = new Float64Array(2)
  process.stdout.write('ready\n')
  for (let i = run.step; ; i++) {
    log(i)
    if (i % 50 === 0) {
      note[0] = i
      note[1] = Date.now()
      writeSync(notes, new Uint8Array(note.buffer))
    }
    busy(20)
  }
} else if (mode === 'interrupt') {
  log(0)
  if (extra === 'own' || extra === 'released') {
    const own = () => {
      process.off('SIGINT', own)
      if (extra === 'own') void run.finish().then(() => process.exit(7))
    }
    process.on('SIGINT', own)
    if (extra === 'released') own()
  }
  process.stdout.write('ready\n')
  if (extra === 'busy') for (;;) busy(1000)
  setInterval(() => {}, 1000)
} else if (mode === 'count') {
  for (let i = 0; i < Number(extra); i++) log(i)
  await run.logArtifact(new Artifact('shared').addBytes('who', id))
  await run.finish()
} else if (mode === 'full') {
  for (let i = 0; i < Number(extra); i++) {
    log(i)
    if (i % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  appendFileSync(join(dir, `${id}.done`), 'logged all')
  await run.finish()
} else if (mode === 'return') {
  log(0)
} else if (mode === 'exit') {
  log(0)
  process.exit(3)
} else if (mode === 'throw') {
  log(0)
  throw new Error('the loss exploded')
} else if (mode === 'odd') {
  log(0)
  throw Object.create(null)
} else if (mode === 'handled') {
  process.on('uncaughtException', () => {})
  log(0)
  setImmediate(() => {
    throw new Error('it was nothing')
  })
} else if (mode === 'using') {
  for (const part of ['one', 'two', 'three']) {
    await using inner = await init({ dir, project: 'crash', id: `using-${part}`, capture: false })
    inner.log({ i: 0 })
    if (part === 'three') throw new Error('the loss exploded')
  }
} else if (mode === 'quiet') {
  // Says several things to a terminal that is not there.
  await once(process.stdin, 'data')
  for (let i = 0; i < 20; i++) run.log({ [`nothing ${i}`]: null })
  await new Promise((resolve) => setTimeout(resolve, 100))
  log(0)
  await run.finish()
} else if (mode === 'console') {
  console.log('hello %s', 'console')
  process.stdout.write('10%\r')
  process.stdout.write('20%\r100%\n')
  console.error('careful')
  await run.finish()
}
