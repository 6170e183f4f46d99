export { type AugmentationKey, augment } from './augment/augment.ts'
export { type Augmentation, affine, elastic, flip, LIGHT_AUGMENTATION, noise, tone } from './augment/augmentation.ts'
export { DataError } from './errors.ts'
export { ImageDataset, type MnistDatasetOptions, type MnistDatasets, mnist, type Normalisation } from './idx/dataset.ts'
export { type IdxFolderSplit, readIdxFolder } from './idx/folder.ts'
export { type LabelledImages, readIdxPair } from './idx/images.ts'
export { locateMnist, type MnistImages, type MnistOptions, readMnist } from './idx/mnist.ts'
export { type IdxArray, parseIdx } from './idx/parse.ts'
export { type ContrastStretch, stretchContrast } from './image/contrast.ts'
export { decodeImage } from './image/decode.ts'
export { crop, type Fit, fitTo, type Placement, padToMultiple, unfit } from './image/fit.ts'
export { createImage, type Image, withChannels } from './image/image.ts'
export { type ResizeFilter, resize } from './image/resize.ts'
export { type FocalOptions, focalLoss } from './losses/focal.ts'
export {
  LOSS_NAMES,
  type SegmentationLoss,
  type SegmentationObjective,
  segmentationObjective,
  weightedSum,
} from './losses/objective.ts'
export { diceLoss, jaccardLoss, type OverlapOptions, type TverskyOptions, tverskyLoss } from './losses/overlap.ts'
export {
  countPixels,
  type PixelCounts,
  type SegmentationScores,
  scoresFromCounts,
  segmentationScores,
} from './metrics/segmentation.ts'
export { type ScoreSummary, type SetScores, summariseScores } from './metrics/summary.ts'
export { EFFICIENTNET_NAMES, type EfficientNetName } from './models/efficientnet/architecture.ts'
export { EfficientNetEncoder, type EfficientNetOptions } from './models/efficientnet/encoder.ts'
export { Encoder } from './models/encoder.ts'
export { PlainEncoder } from './models/plainEncoder.ts'
export { type EncoderName, Unet, type UnetOptions } from './models/unet/unet.ts'
export { type EncoderWeightsResult, loadEncoderWeights } from './models/weights/load.ts'
export { loadPretrained, type PretrainedResult } from './models/weights/pretrained.ts'
export { type Npz, openNpz } from './npy/npz.ts'
export { type NpyArray, parseNpy } from './npy/parse.ts'
export { drawPhantomParameters } from './phantom/draw.ts'
export type { PhantomParameters } from './phantom/parameters.ts'
export { generatePhantom, type PhantomOptions, renderPhantom } from './phantom/phantom.ts'
export { cacheFolder } from './platform/cache.ts'
export { Random } from './random/random.ts'
export { contactSheet, type SheetOptions } from './render/contactSheet.ts'
export { encodePng } from './render/encode.ts'
export { difference, OVERLAY_COLOURS, type OverlayMasks, overlay } from './render/overlay.ts'
export { contactSheetPng, differencePng, maskPng, overlayPng, probabilityPng } from './render/pictures.ts'
export { type ArraySamples, createArraySamples } from './segmentation/arrays.ts'
export {
  type BatchesOptions,
  type BatchesState,
  type SegmentationBatch,
  SegmentationBatches,
} from './segmentation/batches.ts'
export { type FileSample, type ReadOptions, readFileSample } from './segmentation/files.ts'
export { listSegmentationFolder } from './segmentation/folder.ts'
export { intoMemory, type LoaderOptions, SampleLoader } from './segmentation/loader.ts'
export type { ManifestRow } from './segmentation/manifest.ts'
export { binariseMask } from './segmentation/mask.ts'
export { readSegmentationNpz } from './segmentation/npz.ts'
export type { Sample, SampleInfo } from './segmentation/sample.ts'
export { SegmentationSet } from './segmentation/set.ts'
export type { SampleSource } from './segmentation/source.ts'
export { DEFAULT_FRACTIONS, type Fractions, kFoldByPatient, type Split, splitByPatient } from './segmentation/split.ts'
export { ahead } from './workers/ahead.ts'
export { WorkerPool } from './workers/pool.ts'
export { serve } from './workers/serve.ts'
