import type { Image } from '../image/image.ts'

/** What is known of a picture before it is read. */
export interface SampleInfo {
  /** Its name, for tables and messages. */
  name: string
  /** Whose it is; pictures of one patient belong on the same side of a split. */
  patient: string
}

/** A picture and the mask of what is to be found in it: one channel, 0 or 1, of the same size. */
export interface Sample extends SampleInfo {
  image: Image
  mask: Image
}
