import { DataError } from '../errors.ts'
import { halfToFloat } from './half.ts'

/** An array as NumPy saved it, brought into row-major order and into a typed array that JavaScript has. */
export interface NpyArray {
  /** NumPy's own name for the elements, such as `float32`. */
  dtype: string
  shape: number[]
  data: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array
}

type Read = (view: DataView, at: number, littleEndian: boolean) => number

/** How each element type is read, and into what. 64-bit whole numbers and half floats become the next that JavaScript has. */
const TYPES: Record<
  string,
  { name: string; bytes: number; array: new (length: number) => NpyArray['data']; read: Read }
> = {
  b1: { name: 'bool', bytes: 1, array: Uint8Array, read: (view, at) => view.getUint8(at) },
  u1: { name: 'uint8', bytes: 1, array: Uint8Array, read: (view, at) => view.getUint8(at) },
  i1: { name: 'int8', bytes: 1, array: Int8Array, read: (view, at) => view.getInt8(at) },
  u2: { name: 'uint16', bytes: 2, array: Uint16Array, read: (view, at, little) => view.getUint16(at, little) },
  i2: { name: 'int16', bytes: 2, array: Int16Array, read: (view, at, little) => view.getInt16(at, little) },
  u4: { name: 'uint32', bytes: 4, array: Uint32Array, read: (view, at, little) => view.getUint32(at, little) },
  i4: { name: 'int32', bytes: 4, array: Int32Array, read: (view, at, little) => view.getInt32(at, little) },
  u8: {
    name: 'uint64',
    bytes: 8,
    array: Float64Array,
    read: (view, at, little) => Number(view.getBigUint64(at, little)),
  },
  i8: {
    name: 'int64',
    bytes: 8,
    array: Float64Array,
    read: (view, at, little) => Number(view.getBigInt64(at, little)),
  },
  f2: {
    name: 'float16',
    bytes: 2,
    array: Float32Array,
    read: (view, at, little) => halfToFloat(view.getUint16(at, little)),
  },
  f4: { name: 'float32', bytes: 4, array: Float32Array, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { name: 'float64', bytes: 8, array: Float64Array, read: (view, at, little) => view.getFloat64(at, little) },
}

/**
 * Reads a `.npy` file (NumPy Enhancement Proposal 1, format versions 1 to 3) from its bytes.
 *
 * @param bytes The whole file.
 * @param name The file's name, for messages.
 * @returns Shape and values, row-major also where the file is in Fortran's order.
 * @throws `DataError`: not a npy file, cut short, Python objects, a type that is not numeric.
 * @example
 * const { shape, data } = parseNpy(bytes, 'x_train.npy')
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const { descr, fortran, shape, offset } = parseNpyHeader(bytes, name)
  const type = TYPES[descr.slice(1)]
  if (!type)
    throw new DataError(
      descr.slice(1).startsWith('O')
        ? `${name}: holds Python objects, which are not read; save it as a numeric array`
        : `${name}: element type '${descr}' is not read; use a bool, integer or float array`,
      { file: name },
    )
  const count = shape.reduce((product, size) => product * size, 1)
  const expected = offset + count * type.bytes
  if (bytes.length !== expected)
    throw new DataError(
      `${name}: is ${bytes.length < expected ? 'cut short' : 'too long'}: [${shape.join(', ')}] ${type.name} needs ${expected} bytes, but there are ${bytes.length}`,
      { file: name },
    )
  const data = new type.array(count)
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * type.bytes)
  if (data.BYTES_PER_ELEMENT === type.bytes && descr[0] !== '>' && !descr.endsWith('8') && LITTLE_ENDIAN)
    new Uint8Array(data.buffer).set(bytes.subarray(offset))
  else for (let index = 0; index < count; index++) data[index] = type.read(view, index * type.bytes, descr[0] !== '>')
  return { dtype: type.name, shape, data: fortran ? toRowMajor(data, shape, type.array) : data }
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

interface NpyHeader {
  descr: string
  fortran: boolean
  shape: number[]
  offset: number
}

/** The header is a Python dictionary in text, padded with blanks. */
function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const fault = (what: string) => new DataError(`${name}: ${what}`, { file: name })
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (bytes.length < 10 || magic.some((byte, index) => bytes[index] !== byte)) throw fault('is not a .npy file')
  const version = bytes[6]
  if (version < 1 || version > 3) throw fault(`is .npy version ${version}; 1 to 3 are read`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) throw fault('is cut short within its header')
  const offset = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (offset > bytes.length) throw fault('is cut short within its header')
  const text = new TextDecoder().decode(bytes.subarray(start, offset))
  const descr = /'descr'\s*:\s*'([<>|=][a-zA-Z]\d*)'/.exec(text)?.[1]
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(text)?.[1]
  if (/'descr'\s*:\s*\[/.test(text)) throw fault('is a structured array, which is not read')
  if (!descr || !fortran || shape === undefined)
    throw fault(`has a header that is not understood: ${text.trim().slice(0, 100)}`)
  return {
    descr,
    fortran: fortran === 'True',
    shape: shape
      .split(',')
      .map((size) => size.replace('L', '').trim())
      .filter(Boolean)
      .map(Number),
    offset,
  }
}

function toRowMajor(
  data: NpyArray['data'],
  shape: number[],
  Kind: new (length: number) => NpyArray['data'],
): NpyArray['data'] {
  const result = new Kind(data.length)
  const index = new Array<number>(shape.length).fill(0)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1))
  for (let at = 0; at < data.length; at++) {
    let from = 0
    for (let axis = 0; axis < shape.length; axis++) from += index[axis] * strides[axis]
    result[at] = data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] += 1
      if (index[axis] < shape[axis]) break
      index[axis] = 0
    }
  }
  return result
}
