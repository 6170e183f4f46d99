import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'

export function startCommand(): Command {
  return new Command('start')
    .description('the main job: both studies on real data, with tables and reports')
    .option('--seed <n>', 'fixes everything random', wholeNumber(0), 1)
    .option('--threads <n>', 'threads that compute (default: one a core)', wholeNumber(1))
    .addHelpText('after', '\nExamples:\n  trainyard start\n  trainyard start --seed 7')
    .action(async ({ seed, threads }: { seed: number; threads?: number }) => {
      const [{ mnistStudy, xorStudy }, { startServer }, { builtPage }] = await Promise.all([
        import('@trainyard/studies'),
        import('../watch.ts'),
        import('../page.ts'),
      ])
      const started = performance.now()
      const options = { seed, print: console.log, ...(threads === undefined ? {} : { threads }) }
      const server = builtPage() ? await startServer() : null
      try {
        if (server?.url) console.log(`watch it at ${server.url}\n`)
        console.log('1/2  deep versus wide: noisy XOR')
        await xorStudy(options)
        console.log('\n2/2  MNIST: feed-forward against convolutional')
        await mnistStudy(options)
      } finally {
        server?.stop()
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      console.log(`\nboth studies in ${seconds} s; the runs stay in the tracker: trainyard ui shows them`)
    })
}
