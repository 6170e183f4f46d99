/** HTML, plots, text and files as values for `run.log`. */
import { basename } from 'node:path'
import { toJson } from '../log/records.ts'
import { Media, MediaError, type MediaInput } from './input.ts'

/**
 * A piece of HTML; the page shows it in a sandbox without scripts reaching anything.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * run.log({ report: new Html('<h1>Results</h1>') })
 * ```
 */
export class Html extends Media {
  private readonly html: string
  constructor(html: string) {
    super()
    if (typeof html !== 'string') throw new MediaError(`Html: a text is expected, got ${typeof html}`)
    this.html = html
  }
  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'html', html: this.html }
  }
}

/**
 * A chart: a Vega-Lite specification, marks of Observable Plot as data, or an SVG picture as text.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * const values = [{ fpr: 0, tpr: 0 }, { fpr: 0.1, tpr: 0.9 }, { fpr: 1, tpr: 1 }]
 * const encoding = { x: { field: 'fpr' }, y: { field: 'tpr' } }
 * run.log({ roc: new Plot({ mark: 'line', data: { values }, encoding }) })
 * ```
 */
export class Plot extends Media {
  private readonly input: MediaInput
  constructor(spec: object | string, { format }: { format?: 'vega-lite' | 'plot' | 'svg' } = {}) {
    super()
    format ??= typeof spec === 'string' ? 'svg' : 'vega-lite'
    if ((typeof spec === 'string') !== (format === 'svg'))
      throw new MediaError(`Plot: ${format} takes ${format === 'svg' ? 'a text' : 'an object'}, got ${typeof spec}`)
    this.input = { kind: 'plot', format, spec: toJson(spec) }
  }
  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return this.input
  }
}

/** A text; `run.log({ note: 'text' })` does the same. */
export class Text extends Media {
  private readonly text: string
  constructor(text: string) {
    super()
    this.text = String(text)
  }
  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'text', text: this.text }
  }
}

/** A file at a step: sound, video or anything else to look at or download. */
export class MediaFile extends Media {
  private readonly file: string
  private readonly fileName: string
  constructor(file: string, { name }: { name?: string } = {}) {
    super()
    this.file = file
    this.fileName = name ?? basename(file)
  }
  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'file', file: this.file, name: this.fileName }
  }
}
