import { DataError } from '../errors.ts'

/** The element types of the idx format, by the code in the third byte of the file. */
const ELEMENTS = {
  8: { name: 'uint8', bytes: 1, array: Uint8Array },
  9: { name: 'int8', bytes: 1, array: Int8Array },
  11: { name: 'int16', bytes: 2, array: Int16Array },
  12: { name: 'int32', bytes: 4, array: Int32Array },
  13: { name: 'float32', bytes: 4, array: Float32Array },
  14: { name: 'float64', bytes: 8, array: Float64Array },
} as const

export type IdxType = (typeof ELEMENTS)[keyof typeof ELEMENTS]['name']
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array

/** An array as an idx file holds it: `shape[0]` items, row-major. */
export interface IdxArray {
  type: IdxType
  shape: number[]
  data: IdxData
}

/** How many bytes are enough to read the header of an idx file of up to 4 dimensions. */
export const IDX_HEAD_BYTES = 20

interface Header {
  element: (typeof ELEMENTS)[keyof typeof ELEMENTS]
  shape: number[]
  dataOffset: number
  totalBytes: number
}

/**
 * Reads the header of an idx file: a magic number `00 00 TYPE DIMENSIONS`, then one big-endian 32-bit size a dimension
 * (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits").
 */
export function parseIdxHeader(bytes: Uint8Array, name: string): Header {
  const fault = (message: string): never => {
    throw new DataError(`${name}: ${message}`, { file: name })
  }
  if (bytes.length === 0) fault('is empty; fetch the file again')
  if (bytes.length < 4) fault(`is cut short: ${bytes.length} bytes, an idx file begins with 4 bytes of magic number`)
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const element = ELEMENTS[bytes[2] as keyof typeof ELEMENTS]
  const dimensions = bytes[3]
  if (bytes[0] !== 0 || bytes[1] !== 0 || !element || dimensions === 0 || dimensions > 4)
    fault(`is not an idx file: it begins with ${magic}, expected 00 00 08 03 (images) or 00 00 08 01 (labels)`)
  const dataOffset = 4 + 4 * dimensions
  if (bytes.length < dataOffset)
    fault(`is cut short: ${bytes.length} bytes, the header alone has ${dataOffset}; fetch the file again`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis))
  const totalBytes = dataOffset + shape.reduce((product, size) => product * size, element.bytes)
  if (totalBytes > MAX_BYTES)
    fault(`declares [${shape.join(', ')}] ${element.name}, ${totalBytes} bytes: too large to be true`)
  return { element, shape, dataOffset, totalBytes }
}

/** Larger than any array that a JavaScript engine can hold comfortably. */
const MAX_BYTES = 2 ** 32

/**
 * Reads an idx file (uncompressed) from its bytes: any of the format's six types, up to 4 dimensions.
 *
 * @param bytes The whole file.
 * @param name The file's name, for messages.
 * @returns The array; 8-bit data is a view of `bytes`, not a copy.
 * @throws `DataError` for a wrong magic number, a file cut short or one too long.
 * @example
 * const { shape, data } = parseIdx(bytes, 'train-images-idx3-ubyte') // shape [60000, 28, 28]
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const { element, shape, dataOffset, totalBytes } = parseIdxHeader(bytes, name)
  if (bytes.length !== totalBytes)
    throw new DataError(
      `${name}: is ${bytes.length < totalBytes ? 'cut short' : 'too long'}: ` +
        `its header says [${shape.join(', ')}] ${element.name}, ${totalBytes} bytes, but it has ${bytes.length}; fetch the file again`,
      { file: name },
    )
  const length = (totalBytes - dataOffset) / element.bytes
  if (element.bytes === 1)
    return {
      type: element.name,
      shape,
      data: new element.array(bytes.buffer as ArrayBuffer, bytes.byteOffset + dataOffset, length),
    }
  return { type: element.name, shape, data: swapBytes(bytes.subarray(dataOffset), element, length) }
}

/** The format is big-endian, typed arrays are in the machine's order (little-endian wherever JavaScript runs today). */
function swapBytes(bytes: Uint8Array, element: Header['element'], length: number): IdxData {
  const data = new element.array(length)
  const target = new Uint8Array(data.buffer)
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
  if (!littleEndian) target.set(bytes)
  else
    for (let start = 0; start < bytes.length; start += element.bytes)
      for (let byte = 0; byte < element.bytes; byte++) target[start + byte] = bytes[start + element.bytes - 1 - byte]
  return data
}
