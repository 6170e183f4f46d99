/** A training to be interrupted from outside: `node interruptible.ts FOLDER`; prints a checksum of the weights at its end. */
import { setTimeout as wait } from 'node:timers/promises'
import { numbersOf } from './problem.ts'
import { resumableTraining } from './resumable.ts'

const folder = process.argv[2]
const { trainer, loader, model } = resumableTraining(1, {
  checkpoints: { folder, best: false },
  callbacks: [
    {
      // Slow enough for a signal to come in the middle of an epoch.
      async onStep({ step }) {
        if (step === 10) console.log('ten steps')
        if (step >= 10 && process.argv[3] === 'slowly') await wait(20)
      },
    },
  ],
})
const result = await trainer.fit(loader, { epochs: 6, resume: true, resumeHint: 'the same command' })
console.log(JSON.stringify({ stopped: result.stopped, steps: result.steps, weights: await numbersOf(model) }))
