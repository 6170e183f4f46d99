/** Shared memory, worker threads and the barrier that kernels meet at. */
export { emitBarrier, takePart } from './barrier.ts'
export { Heap, type HeapOptions, readableSlack } from './heap.ts'
export { type LoadedProgram, ThreadPool } from './threadPool.ts'
