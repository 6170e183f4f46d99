import { FormatError, received, TrainyardError } from '../../errors.ts'
import { readBytes, writeAtomically } from '../../platform/files.ts'
import { realize } from '../../runtime/realize.ts'
import { wrapArray } from '../../tensor/create.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { CHECKSUM_KEY, checksumOf } from './checksum.ts'
import { kinds, written } from './dtypes.ts'
import { type Entry, parseHeader } from './header.ts'

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>
}

/** What goes into a safetensors file beside the tensors. */
export interface WriteOptions {
  /** Texts to be kept with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Whether a checksum is written, which readers of ours check. Default false. */
  readonly checksum?: boolean
}

/**
 * Reads the bytes of a safetensors file. F16, BF16 and F64 become float32; I8 to I64 and U8 become int32; BOOL becomes
 * bool.
 *
 * @param source How the bytes are called in messages.
 * @throws `FormatError` for anything unsound: a header that is too long or no JSON, types that are not known, offsets that
 * overlap, leave gaps or run over the end, a checksum that does not fit.
 * @example
 * ```ts
 * const bytes = await io.writeSafetensors({ weight: ones([2, 3]) })
 * const { tensors } = io.readSafetensors(bytes)
 * console.log(tensors.weight.shape) // [2, 3]
 * ```
 */
export function readSafetensors(bytes: Uint8Array, source = 'safetensors'): Safetensors {
  const { entries, metadata, dataStart } = parseHeader(bytes, source)
  const data = bytes.subarray(dataStart)
  const expected = metadata[CHECKSUM_KEY]
  if (expected !== undefined && expected !== checksumOf(entries, metadata, data)) {
    throw new FormatError(`${source}: is damaged: its checksum does not fit`)
  }
  const tensors = entries.map(({ name, kind, shape, begin, end }) => {
    const { dtype, read } = kinds[kind]
    return [name, wrapArray(read(data.subarray(begin, end), name), shape, dtype)] as const
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}

/** Makes the bytes of a safetensors file: float32 as F32, int32 as I32, bool as BOOL. */
export async function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  { metadata = {}, checksum = false }: WriteOptions = {},
): Promise<Uint8Array> {
  const list = Object.entries(tensors)
  if (Object.hasOwn(tensors, '__metadata__')) {
    throw new TrainyardError('writeSafetensors: no tensor can be called __metadata__; that name is the format’s own')
  }
  const wrong = list.find(([, entry]) => !(entry instanceof Tensor))
  if (wrong) throw new TrainyardError(`writeSafetensors: "${wrong[0]}" must be a tensor, got ${received(wrong[1])}`)
  await realize(list.map(([, tensor]) => tensor))
  // Four-byte elements first: then all of them are aligned.
  const ordered = [...list].sort(([, a], [, b]) => Number(a.dtype === 'bool') - Number(b.dtype === 'bool'))
  let position = 0
  const entries: Entry[] = ordered.map(([name, { dtype, shape, size }]) => {
    const kind = written[dtype]
    const begin = position
    position += size * kinds[kind].bytes
    return { name, kind, shape, begin, end: position }
  })
  const data = new Uint8Array(position)
  ordered.forEach(([, tensor], i) => {
    const elements = tensor.storage.read()
    const { begin } = entries[i]
    if (tensor.dtype === 'bool') data.set(Uint8Array.from(elements), begin)
    else data.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), begin)
  })
  const texts = checksum ? { ...metadata, [CHECKSUM_KEY]: checksumOf(entries, metadata, data) } : metadata
  return joined(headerOf(entries, texts), data)
}

function headerOf(entries: readonly Entry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const described = entries.map(({ name, kind, shape, begin, end }) => [
    name,
    { dtype: kind, shape, data_offsets: [begin, end] },
  ])
  const header = {
    ...(Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {}),
    ...Object.fromEntries(described),
  }
  return new TextEncoder().encode(JSON.stringify(header))
}

function joined(header: Uint8Array, data: Uint8Array): Uint8Array {
  // Spaces bring the data to a multiple of 8, as the format's authors advise.
  const headerBytes = Math.ceil(header.length / 8) * 8
  const bytes = new Uint8Array(8 + headerBytes + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(0x20, 8 + header.length, 8 + headerBytes)
  bytes.set(header, 8)
  bytes.set(data, 8 + headerBytes)
  return bytes
}

/** Reads a safetensors file; see `readSafetensors`. */
export async function loadSafetensors(path: string): Promise<Safetensors> {
  return readSafetensors(await readBytes(path), path)
}

/** Writes a safetensors file, whole or not at all. */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: WriteOptions = {},
): Promise<void> {
  await writeAtomically(path, await writeSafetensors(tensors, options))
}
