import { type Generator, nn } from '@trainyard/core'
import { DataError } from '@trainyard/vision'

/** The feed-forward network, or the convolutional one. */
export type MnistModel = 'mlp' | 'cnn'

/** What a model is made for. */
export interface ModelOptions {
  /** Where the first weights come from. */
  readonly generator?: Generator
  /** Pixels of an image. Default 28. */
  readonly height?: number
  /** Pixels of an image. Default 28. */
  readonly width?: number
  /** Default 10. */
  readonly classes?: number
}

/** The feed-forward network: pixels–128–64–classes, ReLU, log-probabilities. 109,386 parameters for 28 × 28 and 10 classes. */
function mlp({ generator, height = 28, width = 28, classes = 10 }: ModelOptions = {}): nn.Sequential {
  return new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(height * width, 128, { generator }),
    new nn.ReLU(),
    new nn.Linear(128, 64, { generator }),
    new nn.ReLU(),
    new nn.Linear(64, classes, { generator }),
    new nn.LogSoftmax(1),
  )
}

/** The side of an image after a 3 × 3 convolution and a pooling by 2, twice: 28 → 26 → 13 → 11 → 5. */
export function sidesOf(side: number): [number, number, number, number] {
  const first = side - 2
  const pooled = Math.floor(first / 2)
  const second = pooled - 2
  return [first, pooled, second, Math.floor(second / 2)]
}

/** Of this size one pixel is left at the end: 10 → 8 → 4 → 2 → 1. */
const SMALLEST_SIDE = 10

/** The convolutional network: two 3 × 3 convolutions with pooling, then one linear layer. 12,810 parameters. */
function cnn({ generator, height = 28, width = 28, classes = 10 }: ModelOptions = {}): nn.Sequential {
  if (Math.min(height, width) < SMALLEST_SIDE) {
    throw new DataError(
      `images of ${height} × ${width} are too small for the CNN, whose two convolutions and poolings need ${SMALLEST_SIDE} × ${SMALLEST_SIDE}; take --model mlp`,
    )
  }
  const features = 32 * sidesOf(height)[3] * sidesOf(width)[3]
  return new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { generator }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { generator }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(features, classes, { generator }),
    new nn.LogSoftmax(1),
  )
}

/** The networks of the study by name. */
export const mnistModels: { readonly [name in MnistModel]: (options?: ModelOptions) => nn.Sequential } = { mlp, cnn }
