import { DataError, reason } from '../../errors.ts'
import { builtin } from '../../platform/builtin.ts'
import { cacheFolder } from '../../platform/cache.ts'
import { readBytes } from '../../platform/files.ts'
import type { EfficientNetName } from '../efficientnet/architecture.ts'

/** A file of a model on the Hugging Face hub. */
export interface HubFile {
  /** Such as `smp-hub/efficientnet-b0.imagenet`. */
  repo: string
  /** A commit, so that the file is the same for ever; or a branch. */
  revision?: string
  path?: string
}

/** ImageNet weights as segmentation_models_pytorch publishes them, pinned to the commits that it pins. */
export const IMAGENET_WEIGHTS: Record<EfficientNetName, HubFile> = {
  'efficientnet-b0': { repo: 'smp-hub/efficientnet-b0.imagenet', revision: '1bbe7ecc1d5ea1d2058de1a2db063b8701aff314' },
  'efficientnet-b1': { repo: 'smp-hub/efficientnet-b1.imagenet', revision: '5d637466a5215de300a8ccb13a39357df2df2bf4' },
  'efficientnet-b2': { repo: 'smp-hub/efficientnet-b2.imagenet', revision: 'a96d4f0295ffbae18ebba173bf7f3c0c8f21990e' },
  'efficientnet-b3': { repo: 'smp-hub/efficientnet-b3.imagenet', revision: '074c54a6c473e0d294690d49cedb6cf463e7127d' },
}

/**
 * Fetches a file from the Hugging Face hub into the cache folder, once; afterwards it is there without a network. Its SHA-256
 * is checked each time.
 *
 * @returns The path of the file.
 * @throws `DataError` when it can be neither found in the cache nor fetched (what to do offline is said), or is damaged.
 */
export async function fetchFromHub(
  { repo, revision = 'main', path = 'model.safetensors' }: HubFile,
  options: { cache?: string; hubUrl?: string } = {},
): Promise<string> {
  const { downloadFileToCacheDir } = await import('@huggingface/hub')
  const { realpath, rm, mkdir } = builtin('node:fs/promises')
  const cacheDir = options.cache ?? cacheFolder('hub')
  let file: string
  // The client tells of downloads on stdout, where only what was asked for belongs.
  const { debug } = console
  console.debug = () => {}
  try {
    await mkdir(cacheDir, { recursive: true })
    file = await downloadFileToCacheDir({ repo, path, revision, cacheDir, hubUrl: options.hubUrl })
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
    throw new DataError(
      `${repo}: ${path} could not be fetched from the Hugging Face hub (${reason(cause)}); fetch it elsewhere and give the file itself as the weights`,
      { file: repo, cause: thrown },
    )
  } finally {
    console.debug = debug
  }
  const blob = await realpath(file)
  const expected = builtin('node:path').basename(blob)
  if (/^[0-9a-f]{64}$/.test(expected)) {
    const found = builtin('node:crypto')
      .createHash('sha256')
      .update(await readBytes(blob))
      .digest('hex')
    if (found !== expected) {
      await rm(blob, { force: true })
      await rm(file, { force: true })
      throw new DataError(
        `${file}: is damaged: its SHA-256 is ${found}; removed, so that the next try fetches it anew`,
        { file },
      )
    }
  }
  return file
}
