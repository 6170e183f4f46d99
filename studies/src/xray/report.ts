import type { EpochRecord } from '@trainyard/train'
import type { SegmentationSet } from '@trainyard/vision'
import { count, duration, percent, Report } from '../report/index.ts'
import { bootstrapMean } from '../study/statistics.ts'
import type { XrayData } from './data.ts'
import type { Evaluation, FilmScore } from './evaluate.ts'
import { endFigure, filmsFigure, lossFigure, samplesFigure, scoresFigure, typicalFigure } from './figures.ts'
import type { XrayResult } from './result.ts'
import type { XraySettings } from './settings.ts'
import { divisionTable, filmsTable, foldsTable, settingsTable, totalTable } from './tables.ts'

export interface XrayReportParts {
  readonly settings: XraySettings
  readonly data: XrayData
  readonly result: XrayResult
  /** Of the only training, or of the first fold. */
  readonly history: readonly EpochRecord[]
  readonly bestEpoch: number
  readonly evaluation: Evaluation
  /** In words: what the weights began with. */
  readonly beginning: string
  /** F1 of the mean training mask as the answer to every film. */
  readonly withoutLooking: number
  /** The films that were kept apart. */
  readonly external: { readonly evaluation: Evaluation; readonly withoutLooking: number } | null
  /** Bytes that a training step was planned to need. */
  readonly plannedBytes: number | null
  /** The weights of the best epoch. */
  readonly bestFile: string
}

/** Tables, figures and what they mean. */
export async function xrayReport(parts: XrayReportParts): Promise<Report> {
  const { settings, data, result, history, bestEpoch, evaluation, beginning, plannedBytes, bestFile } = parts
  const { test, folds, parameters, seed } = result
  const [first] = data.divisions
  const report = new Report({
    title: 'Lungs in chest X-rays: U-Net',
    lead: lead(parts),
    facts: [
      {
        label: 'mean F1 of the test films',
        value: test.f1Mean.toFixed(3),
        detail: `± ${test.f1Std.toFixed(3)}, n = ${test.perImage.length}`,
      },
      result.external
        ? {
            label: 'mean F1 of the external films',
            value: result.external.f1Mean.toFixed(3),
            detail: `± ${result.external.f1Std.toFixed(3)}, n = ${result.external.perImage.length}`,
          }
        : { label: 'F1 of the worst test film', value: test.f1Min.toFixed(3) },
      { label: 'parameters in the network', value: count(parameters) },
      {
        label: folds ? `for ${folds.length} trainings` : 'for everything',
        value: duration(result.seconds),
        detail: `seed ${seed}`,
      },
    ],
  })

  report
    .section('The films')
    .text(
      `${count(data.films.length)} films with lung masks from ${data.source}, ${settings.size} × ${settings.size} pixels, values from 0 to 1.`,
    )
    .table(divisionTable(data))
    .figure(await samplesFigure(first.train))

  report
    .section('Training')
    .table(settingsTable(settings, seed, parameters, beginning))
    .figure(lossFigure(history, bestEpoch, sizes(first)))
    .figure(scoresFigure(history, bestEpoch, first.validation.length))
    .text(trainingText(parts))
    .note(
      '**Evaluation is evaluation.** Validation and test run in evaluation mode, with the running statistics of batch norm, which they never change. Those statistics are computed anew from training films before each validation: as an exponential average they would lag behind weights that still move fast, and a network that is good would be judged as if it knew nothing.\n\n**A threshold on probabilities.** Outputs are read as the loss has trained them: logits through a sigmoid, but those of `mse` as they are, since they are trained to be 0 and 1 themselves. A sigmoid on top of those would cut them at 0 and not at a half; so it came about that in the report which this study repeats the F1 fell while the loss did, too.',
    )

  report.section('One film').figure(typicalFigure(evaluation.typical, evaluation.films.length))

  report.section(folds ? 'All films, each tested once' : 'The whole test set')
  if (folds) report.table(foldsTable(folds))
  report.figure(filmsFigure(test.perImage, test.f1Mean))
  for (const text of meanings(parts)) report.text(text)
  report
    .figure(endFigure('worst', evaluation.worst, evaluation.films.length))
    .figure(endFigure('best', evaluation.best, evaluation.films.length))
    .table(filmsTable(test.perImage, 'test'))

  if (parts.external && result.external) {
    const { evaluation: elsewhere } = parts.external
    report.section('Films from elsewhere').table(totalTable(result))
    for (const text of externalMeanings(parts)) report.text(text)
    report
      .figure(endFigure('worst', elsewhere.worst, elsewhere.films.length, 'external'))
      .table(filmsTable(result.external.perImage, 'external'))
  }

  report
    .section('Use it')
    .text(
      `The weights of the best epoch are in \`${bestFile}\`. They mark the lungs in a film, or in all films of a folder:`,
    )
    .code(`npx trainyard predict --input FILM.png --out marked/ \\\n  --checkpoint ${bestFile}`)
    .text(costText(result, plannedBytes))
  return report
}

const sizes = ({ train, validation }: { train: SegmentationSet; validation: SegmentationSet }) => ({
  train: train.length,
  validation: validation.length,
})

function lead({ result, data, settings, withoutLooking }: XrayReportParts): string {
  const { test, folds, external } = result
  const elsewhere = external
    ? ` On films from elsewhere it reaches **${external.f1Mean.toFixed(3)}** (n = ${external.perImage.length}).`
    : ''
  const over = folds ? `${folds.length}-fold cross-validation, ` : ''
  return `A U-Net with the encoder ${settings.encoder}, trained on ${data.divisions[0].train.length} films, marks the lungs in films it has never seen with a mean F1 of **${test.f1Mean.toFixed(3)}** (${over}n = ${test.perImage.length}). The mean of the training masks, given as the answer to every film, would reach ${withoutLooking.toFixed(3)}.${elsewhere}`
}

function trainingText({ history, bestEpoch, settings }: XrayReportParts): string {
  const last = history.at(-1)!
  const best = history.find(({ epoch }) => epoch === bestEpoch)!
  const loss = (record: EpochRecord, part: string) => record.metrics[`${part}/loss`].toFixed(4)
  const tail =
    bestEpoch === last.epoch
      ? 'It is the last one, so a longer training may well do better still.'
      : `In the ${last.epoch - bestEpoch} ${last.epoch - bestEpoch === 1 ? 'epoch' : 'epochs'} after it the validation loss was never lower; it ended at ${loss(last, 'validation')}.`
  return `The loss (\`${settings.loss}\`) fell from ${loss(history[0], 'train')} in the first epoch to ${loss(last, 'train')} in the last on training films. On validation films it was least in **epoch ${bestEpoch}**, ${loss(best, 'validation')}. ${tail}`
}

/** What the numbers say, and how far they carry. */
function meanings({ result, withoutLooking, evaluation }: XrayReportParts): string[] {
  const { test, seed, folds } = result
  const films = test.perImage
  const n = films.length
  const [low, high] = meanInterval(films, seed)
  const missed = films.reduce((sum, { recall }) => sum + 1 - recall, 0) / n
  const toomuch = films.reduce((sum, { precision }) => sum + 1 - precision, 0) / n
  const [worst] = evaluation.worst
  const tendency =
    Math.abs(missed - toomuch) < 0.005
      ? 'It misses about as much as it adds'
      : missed > toomuch
        ? 'It rather misses lung than adds some'
        : 'It rather adds lung than misses some'
  const again = folds
    ? 'the table of folds says how much other films change it'
    : 'another seed, or another division of the films, moves it too: `--folds 5` tells by how much'
  return [
    `**F1** (the Dice coefficient) is twice the area in which both masks agree over the sum of both areas: 1 where they are the same, 0 where they do not touch. **IoU** is the area of agreement over the area that either of them covers, and always lower: mean ${test.iouMean.toFixed(3)}. **Pixel accuracy**, ${percent(test.accuracy)}, flatters: whoever calls everything background is right on every pixel that is no lung.`,
    `**What the network adds.** The mean mask of the training films, given as the answer to every film without looking at it, has a mean F1 of ${withoutLooking.toFixed(3)}. Of what is missing from there to 1 the network makes up ${percent(Math.max(0, (test.f1Mean - withoutLooking) / (1 - withoutLooking)), 0)}.`,
    `**How sure the mean is.** Over films drawn again and again from these ${n} (bootstrap by patient) it lies between **${low.toFixed(3)} and ${high.toFixed(3)}** in 95 of 100 cases. That is the chance in the test films only; ${again}.`,
    `**Where it errs.** ${tendency}: on average ${percent(missed)} of a film's lung was missed, and ${percent(toomuch)} of what was marked is none. The worst film, ${worst.score.name}, has an F1 of ${worst.score.f1.toFixed(3)}, precision ${worst.score.precision.toFixed(3)}, recall ${worst.score.recall.toFixed(3)}.`,
  ]
}

/** Where the mean F1 lies when films are drawn again, those of a patient together. */
const meanInterval = (films: readonly FilmScore[], seed: number) =>
  bootstrapMean(
    films.map(({ f1 }) => f1),
    films.map(({ patient }) => patient),
    seed,
  )

/** Fewer than these tell nothing of how sure a mean is. */
const PATIENTS_TO_BE_SURE = 5

/** What the films from elsewhere say, and what they do not. */
function externalMeanings({ result, data, external }: XrayReportParts): string[] {
  const { test, seed, folds } = result
  const { perImage: films, f1Mean, source } = result.external!
  const n = films.length
  const patients = new Set(films.map(({ patient }) => patient)).size
  const [low, high] = meanInterval(films, seed)
  const difference = test.f1Mean - f1Mean
  const compared =
    Math.abs(difference) < 0.0005
      ? 'the same as'
      : `${Math.abs(difference).toFixed(3)} ${difference > 0 ? 'lower than' : 'higher than'}`
  const reading =
    patients < PATIENTS_TO_BE_SURE
      ? `With ${patients === 1 ? 'one patient' : `${patients} patients`} that says little about the films of ${source} as a whole.`
      : low <= test.f1Mean && test.f1Mean <= high
        ? `Bootstrap by patient (${patients} patients) puts it between **${low.toFixed(3)} and ${high.toFixed(3)}**; the mean of the test films lies within that, so these films do not show that the network does worse or better elsewhere.`
        : `Bootstrap by patient (${patients} patients) puts it between **${low.toFixed(3)} and ${high.toFixed(3)}**; the mean of the test films lies outside of that: ${difference > 0 ? 'elsewhere the network does worse' : 'on these films the network does better'}.`
  const each = folds ? `, each from each of the ${folds.length} networks` : ''
  return [
    `Test films come from where the training films do: the same devices, the same habits. These ${n} (${source}${each}) do not, and neither the weights nor the choice of the epoch has seen any of them; they say what the network is worth elsewhere. Their mean F1, ${f1Mean.toFixed(3)}, is ${compared} that of the ${test.perImage.length} test films. ${reading}`,
    `The mean mask of the ${data.divisions[0].train.length} training films, given as the answer to each of them, reaches ${external!.withoutLooking.toFixed(3)}.`,
  ]
}

function costText({ secondsPerStep, peakMemoryBytes }: XrayResult, plannedBytes: number | null): string {
  const mebibytes = (bytes: number) => `${count(Math.round(bytes / 2 ** 20))} MiB`
  const memory = `The process needed ${mebibytes(peakMemoryBytes)} of memory at most`
  const planned =
    plannedBytes === null
      ? ''
      : `, of which ${mebibytes(plannedBytes)} were planned for a training step before it began`
  const pace =
    secondsPerStep === null
      ? ''
      : ` A step took ${secondsPerStep.toFixed(secondsPerStep < 1 ? 3 : 2)} s (median, waiting for its films included).`
  return `${memory}${planned}.${pace}`
}
