import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'

/** Less than a minute on two cores; `study xray --data films/` does the whole on real films. */
const XRAY_IN_SMALL = { phantoms: 120, size: 96, epochs: 6, batchSize: 8, learningRate: 2e-3 } as const

export function startCommand(): Command {
  return new Command('start')
    .description('the main job: all three studies, with tables and reports')
    .option('--seed <n>', 'fixes everything random', wholeNumber(0), 1)
    .option('--threads <n>', 'threads that compute (default: one a core)', wholeNumber(1))
    .addHelpText('after', '\nExamples:\n  trainyard start\n  trainyard start --seed 7')
    .action(async ({ seed, threads }: { seed: number; threads?: number }) => {
      const [{ mnistStudy, xorStudy, xrayStudy }, { startServer }, { builtPage }] = await Promise.all([
        import('@trainyard/studies'),
        import('../watch.ts'),
        import('../page.ts'),
      ])
      const started = performance.now()
      const options = { seed, print: console.log, ...(threads === undefined ? {} : { threads }) }
      const server = builtPage() ? await startServer() : null
      try {
        if (server?.url) console.log(`watch the runs while they train: ${server.url}\n`)
        console.log('1/3  deep versus wide: noisy XOR')
        await xorStudy(options)
        console.log('\n2/3  MNIST: feed-forward against convolutional')
        await mnistStudy(options)
        console.log('\n3/3  chest X-rays in small: a U-Net learns to mark lungs in phantoms')
        await xrayStudy({ ...options, ...XRAY_IN_SMALL, out: 'reports/xray-phantoms' })
      } finally {
        server?.stop()
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      console.log(`\nall three studies in ${seconds} s; the runs are kept: npx trainyard ui shows them again`)
    })
}
