/**
 * Deep learning in TypeScript, whole: tensors, layers, optimizers and data, and the Trainer. Images are in
 * `trainyard/vision`, runs and sweeps in `trainyard/tracker`, what sweeps teach in `trainyard/analysis`, the three studies
 * in `trainyard/studies`.
 */
export * from '@trainyard/core'
export * from '@trainyard/train'
