/** Media as the training thread hands it to the writer thread: plain data that is copied at once, encoded and stored there. */
import type { BoxRecord, Json } from '../log/records.ts'

export type ImageSource =
  | { pixels: Uint8Array; width: number; height: number; channels: 1 | 3 | 4 }
  | { bytes: Uint8Array; mime: string; width: number; height: number }
  | { file: string }

export interface MaskInput {
  /** One class a pixel. */
  pixels: Uint8Array
  classes: { [index: string]: string }
}

/** A cell with media is an object of this one key, which no user's data has by accident. */
export const MEDIA_CELL = '\u0000media'

export type TableCell = Json | { [MEDIA_CELL]: MediaInput }

export type MediaInput =
  | {
      kind: 'image'
      source: ImageSource
      caption: string | null
      masks: { [name: string]: MaskInput }
      boxes: { [name: string]: { boxes: BoxRecord[]; classes: { [index: string]: string } } }
    }
  | { kind: 'histogram'; edges: number[]; counts: number[] }
  | { kind: 'table'; columns: string[]; rows: TableCell[][] }
  | { kind: 'confusion-matrix'; classes: string[]; counts: number[][] }
  | { kind: 'html'; html: string }
  | { kind: 'plot'; format: 'vega-lite' | 'plot' | 'svg'; spec: Json }
  | { kind: 'text'; text: string }
  | { kind: 'file'; file: string; name: string }

/** Something that `run.log` can take as a value besides numbers. */
export abstract class Media {
  /** What is kept, in plain numbers and texts; `run.log` calls it once, at the call. */
  abstract toInput(): MediaInput
}

/** What was given cannot be shown: which part of it, and what is expected. */
export class MediaError extends Error {
  override name = 'MediaError'
}
