/** A window that moves over images with channels last. */
export interface PoolSpec {
  readonly images: number
  readonly channels: number
  readonly inHeight: number
  readonly inWidth: number
  readonly outHeight: number
  readonly outWidth: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly strideY: number
  readonly strideX: number
  /** Pixels outside above and left of the image that windows may cover; they never win and count as 0. */
  readonly padTop: number
  readonly padLeft: number
}

export const describePool = (s: PoolSpec): string =>
  `${s.kernelHeight}x${s.kernelWidth} ${s.channels} @${s.images}x${s.outHeight}x${s.outWidth}`

/** Whether every window lies inside the image. */
export const windowsAreInside = (s: PoolSpec): boolean =>
  s.padTop === 0 &&
  s.padLeft === 0 &&
  (s.outHeight - 1) * s.strideY + s.kernelHeight <= s.inHeight &&
  (s.outWidth - 1) * s.strideX + s.kernelWidth <= s.inWidth

/** Whether no pixel belongs to two windows. */
export const windowsAreApart = (s: PoolSpec): boolean => s.strideY >= s.kernelHeight && s.strideX >= s.kernelWidth
