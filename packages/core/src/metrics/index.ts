export { accuracy, binaryAccuracy } from './accuracy.ts'
export { auroc } from './auroc.ts'
export { type Average, ConfusionMatrix } from './confusionMatrix.ts'
