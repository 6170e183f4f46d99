import type { Generator, Tensor } from '@trainyard/core'
import { Unet } from '@trainyard/vision'
import type { XraySettings } from './settings.ts'

/**
 * A U-Net for pictures of any size: those whose sides cannot be halved often enough are padded with black on the right and
 * below, and what comes out is cut back. Its state-dict keys are the U-Net's.
 */
export class FilmUnet extends Unet {
  override forward(x: Tensor): Tensor {
    const [, , height, width] = x.shape
    const [below, right] = [height, width].map((side) => paddedSize(side, this.multiple) - side)
    if (below === 0 && right === 0) return super.forward(x)
    const padded = x.pad([
      [0, 0],
      [0, 0],
      [0, below],
      [0, right],
    ])
    return super.forward(padded).slice(null, null, [0, height], [0, width])
  }
}

/** The next multiple. */
export function paddedSize(side: number, multiple: number): number {
  return Math.ceil(side / multiple) * multiple
}

/** The network of the study: one channel in, one out. */
export function filmUnet({ encoder }: Pick<XraySettings, 'encoder'>, generator?: Generator): FilmUnet {
  return new FilmUnet({ encoder, inChannels: 1, classes: 1, ...(generator ? { generator } : {}) })
}
