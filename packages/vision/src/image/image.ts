/**
 * A picture: `height × width × channels` values from 0 (black) to 1 (white), row by row, the channels of a pixel side by
 * side. Grey has one channel, colour three.
 */
export interface Image {
  data: Float32Array
  width: number
  height: number
  channels: number
}

/** A black picture of the given size in pixels; by default of one channel. */
export function createImage(width: number, height: number, channels = 1): Image {
  return { data: new Float32Array(width * height * channels), width, height, channels }
}

/**
 * The picture with one channel (grey) or three. Grey is luma with the weights of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B,
 * as other image libraries have it. A picture that has the wanted number already is returned as it is.
 */
export function withChannels(image: Image, channels: 1 | 3): Image {
  if (image.channels === channels) return image
  const { width, height, data } = image
  const result = createImage(width, height, channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (channels === 1)
      result.data[pixel] = 0.299 * data[3 * pixel] + 0.587 * data[3 * pixel + 1] + 0.114 * data[3 * pixel + 2]
    else result.data.fill(data[pixel], 3 * pixel, 3 * pixel + 3)
  }
  return result
}

/** The lowest and the highest value of a picture. */
export function range({ data }: Image): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const value of data) {
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return { lowest, highest }
}
