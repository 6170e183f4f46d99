/** Brings a version of an artifact from a server into the local store. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Manifest } from '../store/artifacts.ts'
import { blobPath, writeWhole } from '../store/blobs.ts'

export interface Remote {
  url: string
  token: string | null
}

/** @throws Error where it is not there, or bytes do not have the hash that they should. */
export async function fetchArtifact(
  { url, token }: Remote,
  project: string,
  reference: string,
  blobs: string,
): Promise<Manifest> {
  const { createClient } = await import('../server/api/client.ts')
  const base = url.replace(/\/+$/, '')
  const client = createClient({ base, ...(token ? { token } : {}) })
  const colon = reference.lastIndexOf(':')
  const name = colon < 0 ? reference : reference.slice(0, colon)
  const wanted = colon < 0 ? 'latest' : reference.slice(colon + 1)
  const artifact = await client.call('getArtifact', { project, name })
  const number = /^v?\d+$/.test(wanted) ? Number(wanted.replace('v', '')) : null
  const found = artifact.versions.find(({ version, aliases }) =>
    number === null ? aliases.includes(wanted) : version === number,
  )
  if (!found)
    throw new Error(
      `artifact "${name}" has no version "${wanted}"; it has ${artifact.versions.map(({ version, aliases }) => [`v${version}`, ...aliases].join(' = ')).join(', ')}`,
    )
  const { files } = await client.call('listArtifactFiles', { project, name, version: `v${found.version}` })
  for (const { path, blob } of files) {
    const target = blobPath(blobs, blob.sha256)
    if (existsSync(target)) continue
    const response = await fetch(base + blob.url, { headers: token ? { authorization: `Bearer ${token}` } : {} })
    if (!response.ok) throw new Error(`"${path}" of ${reference} could not be fetched: HTTP ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (createHash('sha256').update(bytes).digest('hex') !== blob.sha256)
      throw new Error(`"${path}" of ${reference} arrived damaged: fetch it again`)
    writeWhole(target, bytes)
  }
  const { version, digest, created, description, metadata, producer } = found
  return {
    name,
    kind: artifact.type,
    version,
    digest,
    created,
    description,
    metadata,
    producer,
    files: files.map(({ path, blob }) => ({ path, blob: { sha256: blob.sha256, size: blob.size, mime: blob.type } })),
  }
}
