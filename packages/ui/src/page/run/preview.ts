/** Which files can be looked at as text, and the colours of a patch. */
import type { BlobRef } from '@trainyard/tracker/api'

const textual = /^text\/|^application\/(json|yaml|x-yaml|xml|javascript|x-ndjson|toml)|\+(json|xml)$/

export const isPreviewable = ({ type, size }: Pick<BlobRef, 'type' | 'size'>): boolean =>
  textual.test(type) && size <= 4_000_000

export interface PreviewLine {
  text: string
  tone: 'added' | 'removed' | 'place' | ''
}

export function previewLines(path: string, text: string): PreviewLine[] {
  const isPatch = /\.(patch|diff)$/i.test(path)
  return text.split('\n').map((line) => ({
    text: line,
    tone:
      !isPatch || /^(\+\+\+|---) /.test(line)
        ? ''
        : line.startsWith('+')
          ? 'added'
          : line.startsWith('-')
            ? 'removed'
            : line.startsWith('@@')
              ? 'place'
              : '',
  }))
}
