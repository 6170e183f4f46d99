/**
 * A seed of its own for each part of a study: the networks of one shape get the same random numbers whatever else the
 * study trains, and no two parts share a stream.
 */
export function deriveSeed(seed: number, ...parts: readonly (string | number)[]): number {
  const text = [seed, ...parts].join('/')
  // FNV-1a (G. Fowler, L. Noll, K.-P. Vo) from two offsets, followed by the finaliser of MurmurHash3 (A. Appleby).
  const high = finish(fnv(text, 0x811c9dc5))
  const low = finish(fnv(text, 0x050c5d1f))
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

function fnv(text: string, offset: number): number {
  let hash = offset
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
