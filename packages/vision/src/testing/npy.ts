/** A `.npy` file of float32 values, given row-major; `fortran` stores them in the other order. */
export function npyBytes(
  shape: number[],
  values: ArrayLike<number>,
  options: { fortran?: boolean; descr?: string } = {},
): Uint8Array {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${options.descr ?? '<f4'}', 'fortran_order': ${options.fortran ? 'True' : 'False'}, 'shape': (${size}), }`
  const header = new TextEncoder().encode(text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11).concat('\n'))
  const bytes = new Uint8Array(10 + header.length + 4 * values.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8])
  bytes.set(header, 10)
  const view = new DataView(bytes.buffer, 10 + header.length)
  for (let index = 0; index < values.length; index++) {
    const at = options.fortran ? columnMajor(index, shape) : index
    view.setFloat32(4 * at, values[index], true)
  }
  return bytes
}

/** Where an element stands when the first axis runs fastest. */
function columnMajor(index: number, shape: number[]): number {
  let at = 0
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at = at * shape[axis] + (index % shape[axis])
    index = Math.floor(index / shape[axis])
  }
  return at
}
