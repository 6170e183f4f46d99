import { TrainyardError } from '@trainyard/core'
import type { ContrastStretch, EncoderName } from '@trainyard/vision'
import type { StudyOptions } from '../study/session.ts'

/** What decides about a training beside the seed; kept with it, so that it can be continued and its weights be used. */
export interface XraySettings {
  /** `phantom`, a folder with `images/` and `masks/`, or a `.npz` file. */
  readonly data: string
  /** Further films that are only tested upon, reported apart: a folder, or a `.npz` file of which the test part is taken; or null. */
  readonly external: string | null
  /** Keep films of `data` apart in the same way, by a column of its manifest, such as `location!=Hannover*`; or null. */
  readonly holdOut: string | null
  /** How many phantoms there are, where those are the data. */
  readonly phantoms: number
  /** Sides of the pictures in pixels. */
  readonly size: number
  readonly epochs: number
  readonly batchSize: number
  /** Such as `bce+dice`; see `segmentationObjective`. */
  readonly loss: string
  readonly optimizer: 'adam' | 'sgd'
  readonly learningRate: number
  readonly encoder: EncoderName
  /** What the weights begin with: a safetensors file, `imagenet`, `hub:OWNER/NAME`, or null for random ones. */
  readonly weights: string | null
  /** How many parts a cross-validation divides the data into; null: one division into training, validation and test. */
  readonly folds: number | null
  /** Train this fold alone, counted from 0; null: all of them. */
  readonly fold: number | null
  /** Whether training pictures are turned, zoomed, moved and toned a little, anew each epoch. */
  readonly augment: boolean
  readonly contrast: ContrastStretch
  /** Where masks that are not binary are cut; null: such masks are refused. */
  readonly maskThreshold: number | null
}

/** Data, network and training, all with defaults; and whether to continue. */
export interface XrayStudyOptions extends StudyOptions, Partial<XraySettings> {
  /** Continue the training that was begun in the folder of the report, with the settings it was begun with. */
  readonly resume?: boolean
}

/** Those of the course that the study repeats, but for the loss. */
export const XRAY_DEFAULTS: XraySettings = {
  data: 'phantom',
  external: null,
  holdOut: null,
  phantoms: 240,
  size: 256,
  epochs: 20,
  batchSize: 16,
  loss: 'bce+dice',
  optimizer: 'adam',
  learningRate: 1e-4,
  encoder: 'efficientnet-b0',
  weights: null,
  folds: null,
  fold: null,
  augment: true,
  contrast: 'none',
  maskThreshold: null,
}

/** What leaves the steps taken as they are. */
const MAY_CHANGE = new Set<keyof XraySettings>(['epochs', 'external'])

const NAMES = Object.keys(XRAY_DEFAULTS) as (keyof XraySettings)[]

/** What was asked for, completed by defaults. */
export function settingsOf(options: XrayStudyOptions): XraySettings {
  return checked({ ...XRAY_DEFAULTS, ...given(options) })
}

/**
 * The settings that a training is continued with: its own, with more epochs, or other films to be tested upon, where that is
 * asked for.
 *
 * @throws `TrainyardError` where another of them was asked to be different.
 */
export function settingsToResume(stored: XraySettings, options: XrayStudyOptions): XraySettings {
  // What had not been thought of when it began was as it is by default.
  const before = { ...XRAY_DEFAULTS, ...stored }
  const wanted = given(options)
  const different = NAMES.filter((name) => !MAY_CHANGE.has(name) && name in wanted && wanted[name] !== before[name])
  if (different.length > 0)
    throw new TrainyardError(
      `--resume goes on with the settings that the training began with, but ${different
        .map((name) => `${name} was ${before[name]}, not ${wanted[name]}`)
        .join(', ')}; leave that out, or begin anew without --resume`,
    )
  return checked({ ...before, ...wanted })
}

function given(options: XrayStudyOptions): Partial<XraySettings> {
  return Object.fromEntries(NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
}

function checked(settings: XraySettings): XraySettings {
  const { size, epochs, batchSize, learningRate, folds, fold, phantoms, maskThreshold, external, holdOut } = settings
  const whole = (name: string, value: number, least: number, most: number) => {
    if (!(Number.isInteger(value) && value >= least && value <= most))
      throw new TrainyardError(`study xray: ${name} must be a whole number from ${least} to ${most}, got ${value}`)
  }
  whole('the size', size, 8, 4096)
  whole('the number of epochs', epochs, 1, 1e6)
  whole('the batch size', batchSize, 1, 4096)
  whole('the number of phantoms', phantoms, 3, 1e6)
  if (folds !== null) whole('the number of folds', folds, 3, 1000)
  if (fold !== null) {
    if (folds === null)
      throw new TrainyardError('study xray: a fold is one of several; say how many there are by --folds')
    whole('the fold', fold, 0, folds - 1)
  }
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw new TrainyardError(`study xray: the learning rate must be a number above 0, got ${learningRate}`)
  if (maskThreshold !== null && !(maskThreshold > 0 && maskThreshold < 1))
    throw new TrainyardError(`study xray: the mask threshold must lie between 0 and 1, got ${maskThreshold}`)
  if (external !== null && holdOut !== null)
    throw new TrainyardError(
      'study xray: films are kept apart either by --external or by --hold-out; leave one of them out',
    )
  return settings
}
