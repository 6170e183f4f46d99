import { generatePhantom } from '../phantom/phantom.ts'
import { type ArraySamples, readArraySample } from './arrays.ts'
import { type FileSample, type ReadOptions, readFileSample } from './files.ts'
import type { Sample, SampleInfo } from './sample.ts'

/** Where samples come from, as plain data, so that worker threads can be told. */
export type SampleSource =
  | { kind: 'files'; samples: FileSample[]; options: ReadOptions }
  | { kind: 'arrays'; samples: ArraySamples }
  | { kind: 'phantoms'; count: number; width: number; height: number; seed: number }

/** How many samples a source has. */
export function sourceLength(source: SampleSource): number {
  switch (source.kind) {
    case 'files':
      return source.samples.length
    case 'arrays':
      return source.samples.infos.length
    case 'phantoms':
      return source.count
  }
}

/** What is known of a sample without reading it. */
export function sourceInfo(source: SampleSource, index: number): SampleInfo {
  switch (source.kind) {
    case 'files': {
      const { name, patient } = source.samples[index]
      return { name, patient }
    }
    case 'arrays':
      return source.samples.infos[index]
    case 'phantoms':
      return { name: `phantom-${index}`, patient: `phantom-${index}` }
  }
}

/** Reads, decodes or makes a sample. */
export async function readSource(source: SampleSource, index: number): Promise<Sample> {
  switch (source.kind) {
    case 'files':
      return readFileSample(source.samples[index], source.options)
    case 'arrays':
      return readArraySample(source.samples, index)
    case 'phantoms':
      return generatePhantom(index, source)
  }
}

/** The size of a source's pictures. */
export function sourceSize(source: SampleSource): { width: number; height: number; channels: number } {
  if (source.kind === 'arrays') return source.samples
  if (source.kind === 'phantoms') return { width: source.width, height: source.height, channels: 1 }
  return { width: source.options.width, height: source.options.height, channels: source.options.channels ?? 1 }
}
