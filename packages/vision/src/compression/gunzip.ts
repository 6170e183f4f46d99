import { DataError, reason } from '../errors.ts'

/** Deflate cannot do better than about 1032 to 1 (RFC 1951: 258 bytes from two bits), which bounds what a header may claim. */
export const MAX_DEFLATE_RATIO = 1040

/** Whether bytes begin like a gzip stream, whatever the file is called. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * Expands a gzip stream, checking its checksum, and never beyond what is expected of it.
 *
 * @param bytes The compressed bytes.
 * @param name The file's name, for messages.
 * @param expected Called once with the first bytes (at least `headLength` of them, or all there are); returns how many bytes
 * the whole should have. Expansion stops as soon as there are more.
 * @throws `DataError` when the stream is cut short or damaged, or expands to more than expected.
 */
export async function gunzip(
  bytes: Uint8Array,
  name: string,
  headLength: number,
  expected: (head: Uint8Array) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
  let whole = new Uint8Array(Math.max(headLength, 1))
  let length = 0
  let limit: number | undefined
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        throw new DataError(
          `${name}: the gzip stream is damaged or cut short (${reason(thrown)}); fetch the file again`,
          { file: name, cause: thrown },
        )
      })
      if (done) break
      let needed = length + value.length
      if (limit === undefined && needed >= headLength) {
        const head = new Uint8Array(needed)
        head.set(whole.subarray(0, length))
        head.set(value, length)
        limit = expected(head)
        if (limit > bytes.length * MAX_DEFLATE_RATIO)
          throw new DataError(
            `${name}: its header declares ${limit} bytes, more than ${bytes.length} compressed bytes can hold`,
            {
              file: name,
            },
          )
        needed = Math.max(needed, limit)
      }
      if (length + value.length > (limit ?? Number.POSITIVE_INFINITY))
        throw new DataError(`${name}: expands to more than the ${limit} bytes that its header declares; refused`, {
          file: name,
        })
      if (whole.length < needed) {
        const grown = new Uint8Array(needed)
        grown.set(whole.subarray(0, length))
        whole = grown
      }
      whole.set(value, length)
      length += value.length
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
  return whole.subarray(0, length)
}
