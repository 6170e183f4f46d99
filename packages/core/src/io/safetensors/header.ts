import { FormatError } from '../../errors.ts'
import { kinds } from './dtypes.ts'
import { duplicateKey } from './json.ts'

/** A header of more bytes is refused, as by the reference implementation: nothing honest needs it. */
export const MAX_HEADER_BYTES = 100_000_000

export interface Entry {
  readonly name: string
  readonly kind: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: Readonly<Record<string, string>>
  /** Where the data begins in the file. */
  readonly dataStart: number
}

/**
 * Reads and checks the header of a safetensors file: eight bytes of length, JSON, then the data. Nothing in it is
 * trusted: lengths, types, sizes, and that the parts of the data neither overlap nor leave gaps.
 */
export function parseHeader(bytes: Uint8Array, source: string): Header {
  const fail = (what: string): never => {
    throw new FormatError(`${source}: is not a sound safetensors file: ${what}`)
  }
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for the length of a header`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) fail(`its header claims ${length} bytes, at most ${MAX_HEADER_BYTES} are read`)
  const dataStart = 8 + Number(length)
  if (dataStart > bytes.length)
    fail(`its header claims ${length} bytes, ${bytes.length - 8} are there; it was cut short`)
  const header = parseObject(bytes.subarray(8, dataStart), fail)
  const metadata = checkMetadata(header.__metadata__, fail)
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => checkEntry(name, value, fail))
  checkLayout(entries, bytes.length - dataStart, fail)
  return { entries, metadata, dataStart }
}

type Fail = (what: string) => never

function parseObject(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) return fail('its header does not begin with {')
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (cause) {
    return fail(`its header is not JSON (${(cause as Error).message})`)
  }
  const twice = duplicateKey(text)
  if (twice !== null) return fail(`its header holds the key ${JSON.stringify(twice)} twice`)
  return header as Record<string, unknown>
}

function checkMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {}
  const isTexts = isObject(value) && Object.values(value).every((text) => typeof text === 'string')
  return isTexts ? (value as Record<string, string>) : fail('its __metadata__ must hold texts only')
}

function checkEntry(name: string, value: unknown, fail: Fail): Entry {
  if (!isObject(value)) return fail(`tensor ${JSON.stringify(name)} is not described by an object`)
  const { dtype, shape, data_offsets: offsets } = value
  const kind = typeof dtype === 'string' && Object.hasOwn(kinds, dtype) ? kinds[dtype] : undefined
  if (!kind) {
    return fail(
      `tensor ${name} has the type ${JSON.stringify(dtype)}; only ${Object.keys(kinds).join(', ')} can be read`,
    )
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return fail(`tensor ${name} has the shape ${JSON.stringify(shape)}; sizes must be whole numbers of at least 0`)
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    return fail(`tensor ${name} has the offsets ${JSON.stringify(offsets)}; they must be two rising whole numbers`)
  }
  const [begin, end] = offsets as [number, number]
  const size = (shape as number[]).reduce((product, n) => product * n, kind.bytes)
  if (!Number.isSafeInteger(size) || size !== end - begin) {
    return fail(
      `tensor ${name} of type ${dtype} and shape [${shape.join(', ')}] needs ${size} bytes, its offsets span ${end - begin}`,
    )
  }
  return { name, kind: dtype as string, shape: shape as number[], begin, end }
}

/** In the order of the offsets the parts must follow one another from 0 to the end. */
function checkLayout(entries: readonly Entry[], dataBytes: number, fail: Fail): void {
  let position = 0
  let previous = ''
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < position) fail(`tensors ${previous} and ${name} overlap`)
    if (begin > position) fail(`${begin - position} bytes before tensor ${name} belong to nothing`)
    position = end
    previous = name
  }
  if (position > dataBytes) fail(`its tensors need ${position} bytes, ${dataBytes} are there; it was cut short`)
  if (position < dataBytes) fail(`${dataBytes - position} bytes at its end belong to nothing`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
