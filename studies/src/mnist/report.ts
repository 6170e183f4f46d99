import type { LabelledImages } from '@trainyard/vision'
import { count, duration, percent, Report } from '../report/index.ts'
import { mcnemar } from '../study/statistics.ts'
import { classFigure, confusionFigure, lossFigure, mistakesFigure } from './figures.ts'
import { sidesOf } from './models.ts'
import { isMnist, type TrainedModel } from './result.ts'
import { classTable, confusionPairs, layerTable, modelTable } from './tables.ts'

export interface MnistReportParts {
  readonly models: readonly TrainedModel[]
  readonly train: LabelledImages
  readonly test: LabelledImages
  readonly source: string
  readonly seed: number
  readonly batchSize: number
  readonly learningRate: number
  /** Batches between two points of the running loss. */
  readonly interval: number
  readonly seconds: number
}

/** Tables, figures and what they mean. */
export function mnistReport(parts: MnistReportParts): Report {
  const { models, train, test, source, seed, batchSize, learningRate, interval, seconds } = parts
  const comparable = isMnist(models[0].evaluation.images)
  const report = new Report({
    title: comparable ? 'MNIST: feed-forward against convolutional' : 'Feed-forward against convolutional',
    lead: lead(models),
    facts: [
      ...models.map(({ title, evaluation, summary }) => ({
        label: `${title} of ${count(test.count)} test images`,
        value: percent(evaluation.accuracy, 2),
        detail: `${count(summary.parameters)} parameters`,
      })),
      ...models.map(({ title, trainSeconds, epochs }) => ({
        label: `to train the ${title}`,
        value: duration(trainSeconds),
        detail: `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${count(train.count)} images`,
      })),
    ],
  })

  report
    .section('The task')
    .text(
      `${count(train.count)} training and ${count(test.count)} test images of ${test.height} × ${test.width} grey pixels (from ${source}). Pixels are brought to [0, 1], then normalised with mean 0.5 and deviation 0.5. Training: negative log-likelihood, SGD with learning rate ${learningRate} and momentum 0.9, shuffled batches of ${batchSize}, seed ${seed}. Both networks are measured on **all** test images.`,
    )
    .section('Result')
    .table(modelTable(models))
    .figure(lossFigure(models, interval))
    .table(classTable(models))
    .figure(classFigure(models))
  if (models.length === 2) report.text(comparison(models[0], models[1]))
  report.note(
    `**How far this carries.** One training of each network: the intervals tell how well ${count(test.count)} images fix the accuracy of *these* weights, not how much another seed would change it. \`--seed\` trains others.`,
  )

  report.section('The networks, layer by layer')
  for (const model of models) {
    report.section(model.title, 3).table(layerTable(model))
    report.text(model.name === 'cnn' ? explainConvolutional(model, test) : explainFeedForward(model, test))
  }

  report.section('Mistakes')
  for (const model of models) {
    report.section(model.title, 3).figure(confusionFigure(model)).table(confusionPairs(model))
    if (model.evaluation.mistakes.length > 0) report.figure(mistakesFigure(model, test))
  }
  report.text(`Everything together took ${duration(seconds)}.`)
  return report
}

function lead(models: readonly TrainedModel[]): string {
  const say = ({ title, evaluation, summary }: TrainedModel) =>
    `the ${title} recognises **${percent(evaluation.accuracy, 2)}** of the test images with ${count(summary.parameters)} parameters`
  const all = models.map(say).join('; ')
  return `${all[0].toUpperCase()}${all.slice(1)}.`
}

/** What the two did on the very same images. */
function comparison(first: TrainedModel, second: TrainedModel): string {
  let onlyFirst = 0
  let onlySecond = 0
  first.evaluation.right.forEach((right, i) => {
    const other = second.evaluation.right[i]
    if (right && !other) onlyFirst++
    if (!right && other) onlySecond++
  })
  const p = mcnemar(onlyFirst, onlySecond)
  const [better, worse] = onlySecond >= onlyFirst ? [second, first] : [first, second]
  const share = better.summary.parameters / worse.summary.parameters
  const size =
    share < 1 ? `with ${percent(share, 0)} of the parameters` : `with ${share.toFixed(1)} times the parameters`
  const chance = p < 0.0001 ? 'below 0.0001' : p.toFixed(4)
  return `**On the same images.** ${count(onlySecond)} images only the ${second.title} recognises, ${count(onlyFirst)} only the ${first.title}. If both were equally good, a difference at least as large would come about with a probability of ${chance} (McNemar, exact). The ${better.title} is ahead ${size}, and needs ${(better.summary.multiplyAdds / worse.summary.multiplyAdds).toFixed(1)} times the multiplications of the ${worse.title}.`
}

function explainFeedForward({ summary }: TrainedModel, { height, width }: LabelledImages): string {
  const terms = summary.layers.filter(({ parameters, isLayer }) => isLayer && parameters > 0)
  const sum = terms
    .map(({ inputShape, outputShape }) => `${inputShape!.at(-1)}·${outputShape!.at(-1)} + ${outputShape!.at(-1)}`)
    .join(', ')
  return `\`Flatten\` makes one row of the ${height} × ${width} = ${height * width} pixels. Each linear layer has inputs · outputs weights and a bias for each output: ${sum}; together ${count(summary.parameters)}.`
}

function explainConvolutional({ summary }: TrainedModel, { height, width }: LabelledImages): string {
  const rows = sidesOf(height)
  const columns = sidesOf(width)
  const chain = [height, ...rows].join(' → ')
  return `**Sides: ${chain}.** A 3 × 3 window has ${height} − 3 + 1 = ${rows[0]} places along ${height} pixels; pooling by 2 leaves ${rows[1]}; the second convolution ${rows[1]} − 2 = ${rows[2]}; the second pooling ${rows[3]}, what is left over being dropped.\n\n**Why Flatten, and why ${count(32 * rows[3] * columns[3])}.** What comes out of the second pooling is a block of 32 channels of ${rows[3]} × ${columns[3]}; a linear layer takes a row of numbers. \`Flatten\` makes one of 32 · ${rows[3]} · ${columns[3]} = ${count(32 * rows[3] * columns[3])}, so that is how many inputs the linear layer has.\n\n**Parameters.** A convolution's weights are shared by all places of the image: 16 · (1 · 3 · 3) + 16 = 160 and 32 · (16 · 3 · 3) + 32 = 4,640; the linear layer ${count(32 * rows[3] * columns[3])} · ${summary.outputShape!.at(-1)} + ${summary.outputShape!.at(-1)}. Together ${count(summary.parameters)}.`
}
