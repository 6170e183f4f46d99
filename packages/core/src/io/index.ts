export { FileError } from '../platform/files.ts'
export {
  type Checkpoint,
  type CheckpointParts,
  loadCheckpoint,
  type Progress,
  packCheckpoint,
  readCheckpoint,
  restoreCheckpoint,
  type Stateful,
  saveCheckpoint,
  unpackCheckpoint,
} from './checkpoint.ts'
export {
  loadSafetensors,
  readSafetensors,
  type Safetensors,
  saveSafetensors,
  type WriteOptions,
  writeSafetensors,
} from './safetensors/safetensors.ts'
