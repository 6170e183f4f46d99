import { Command, Option } from 'commander'
import { positiveNumber, share, wholeNumber } from '../arguments.ts'
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

interface XrayFlags extends CommonOptions, SweepFlags {
  data?: string
  external?: string
  holdOut?: string
  phantoms?: number
  size?: number
  epochs?: number
  batchSize?: number
  loss?: string
  optimizer?: 'adam' | 'sgd'
  lr?: number
  encoder?: 'efficientnet-b0'
  weights?: string
  folds?: number
  fold?: number
  augment?: boolean
  contrast?: 'none' | 'minmax' | 'percentile'
  maskThreshold?: number
}

/** Options without defaults here: the study knows which were given, and continues a training with those it began with. */
export function xrayCommand(): Command {
  const command = new Command('xray')
    .description('chest X-rays: a U-Net learns to mark the lungs')
    .option('--data <source>', 'phantom, a folder with images/ and masks/, or a .npz file (default: phantom)')
    .option(
      '--external <source>',
      'a further folder, or .npz file (its test part), that is only tested upon, and reported apart',
    )
    .option(
      '--hold-out <condition>',
      'keep films of the folder apart in the same way, by a column of manifest.csv: "location=Manila*", or "location!=Hannover*"',
    )
    .option('--phantoms <n>', 'how many phantoms there are (default: 240)', wholeNumber(3))
    .option('--size <n>', 'sides of the films in pixels (default: 256)', wholeNumber(8))
    .option('--epochs <n>', 'times through the training films (default: 20)', wholeNumber(1))
    .option('--batch-size <n>', 'films a step (default: 16)', wholeNumber(1))
    .option('--loss <name>', 'bce, dice, jaccard, focal, tversky, their sums, or mse (default: bce+dice)')
    .addOption(new Option('--optimizer <name>', 'what moves the weights (default: adam)').choices(['adam', 'sgd']))
    .option('--lr <rate>', 'learning rate (default: 0.0001)', positiveNumber)
    .addOption(
      new Option('--encoder <name>', 'the half of the network that looks (default: efficientnet-b0)').choices([
        'efficientnet-b0',
        'efficientnet-b1',
        'efficientnet-b2',
        'efficientnet-b3',
        'plain',
      ]),
    )
    .option('--weights <file>', 'first weights: a safetensors file, imagenet, or hub:OWNER/NAME (default: random)')
    .option('--folds <k>', 'cross-validation: train k times, each film is tested once', wholeNumber(3))
    .option('--fold <n>', 'of --folds only this one, counted from 0', wholeNumber(0))
    .option('--no-augment', 'train on the films as they are')
    .addOption(
      new Option('--contrast <how>', 'stretch the contrast of each film (default: none)').choices([
        'none',
        'minmax',
        'percentile',
      ]),
    )
    .option('--mask-threshold <share>', 'cut masks that are not binary here, between 0 and 1', share)
    .option('--resume', 'go on with the training, or the sweep, begun in the folder of the report')
    .addHelpText(
      'after',
      `
Examples:
  trainyard study xray
  trainyard study xray --data films/ --epochs 30 --lr 0.001 --batch-size 8
  trainyard study xray --data films/ --external films-of-another-hospital/
  trainyard study xray --data films/ --hold-out "location!=Hannover*"
  trainyard study xray --resume --external other-films/
  trainyard study xray --data films/ --folds 5 --out reports/folds
  trainyard study xray --resume
  trainyard study xray --size 64 --epochs 5 --json > xray.json
  trainyard study xray --sweep sweep.yaml --data films/
  trainyard study xray --sweep sweep.yaml --resume`,
    )
  return withCommonOptions(withSweepOptions(command)).action(async (flags: XrayFlags, self: Command) => {
    const { xrayStudy, xraySweep } = await import('@trainyard/studies')
    if (flags.sweep !== undefined) {
      printResult(await xraySweep({ ...(await sweepOptions(flags)), words: trialWords(self) }), flags)
      return
    }
    // What comes from defaults is left to the study.
    const given = <T>(name: string, value: T) => (self.getOptionValueSource(name) === 'cli' ? value : undefined)
    const result = await xrayStudy({
      ...flags,
      ...studyOptions(flags),
      learningRate: flags.lr,
      seed: given('seed', flags.seed),
      augment: given('augment', flags.augment),
    })
    printResult(result, flags)
  })
}
