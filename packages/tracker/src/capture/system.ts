/** Samples of what the machine and this process use: CPU, memory, disk, and NVIDIA GPUs where `nvidia-smi` is. */
import { execFile } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'

export type Sample = { [key: string]: number }

const MIB = 2 ** 20

function availableMemory(): number {
  try {
    const line = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    if (line) return Number(line[1]) * 1024
  } catch {
    // Not Linux.
  }
  return freemem()
}

function cpuTimes(): { busy: number; total: number } {
  let idle = 0
  let total = 0
  for (const { times } of cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { busy: total - idle, total }
}

export class SystemSampler {
  private readonly dir: string
  private before = cpuTimes()
  private processBefore = process.cpuUsage()
  private at = performance.now()
  private gpu: boolean | null = null

  /** @param dir Whose disk is watched. */
  constructor(dir: string) {
    this.dir = dir
  }

  /**
   * What was used since the last sample: `system/cpu` (percent of all cores), `system/process.cpu` (percent of one core), `system/memory`
   * (percent), `system/process.memory` (MiB), `system/disk` (percent).
   */
  sample(): Sample {
    const now = performance.now()
    const cpu = cpuTimes()
    const own = process.cpuUsage(this.processBefore)
    const elapsed = Math.max(1, now - this.at)
    const sample: Sample = {
      'system/process.cpu': (own.user + own.system) / 10 / elapsed,
      'system/memory': 100 * (1 - availableMemory() / totalmem()),
      'system/process.memory': process.memoryUsage.rss() / MIB,
    }
    const total = cpu.total - this.before.total
    if (total > 0) sample['system/cpu'] = (100 * (cpu.busy - this.before.busy)) / total
    try {
      const { blocks, bavail } = statfsSync(this.dir)
      if (blocks > 0) sample['system/disk'] = 100 * (1 - bavail / blocks)
    } catch {
      // A file system that does not say.
    }
    this.before = cpu
    this.processBefore = process.cpuUsage()
    this.at = now
    return sample
  }

  /** `system/gpu.N` (percent), `system/gpu.N.memory` (percent), `.temperature` (°C), `.power` (W); nothing where there is no GPU. */
  async sampleGpus(): Promise<Sample> {
    if (this.gpu === false) return {}
    const query = 'index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw'
    const text = await run('nvidia-smi', [`--query-gpu=${query}`, '--format=csv,noheader,nounits'])
    this.gpu = text !== null
    return text === null ? {} : parseGpus(text)
  }
}

/** One line a GPU, as `nvidia-smi` prints the query of {@link SystemSampler.sampleGpus}; what it does not know is left out. */
export function parseGpus(text: string): Sample {
  const sample: Sample = {}
  for (const line of text.trim().split('\n').filter(Boolean)) {
    const [index, busy, used, memory, temperature, power] = line.split(',').map((cell) => Number.parseFloat(cell))
    const set = (name: string, value: number) => {
      if (Number.isInteger(index) && Number.isFinite(value)) sample[`system/gpu.${index}${name}`] = value
    }
    set('', busy)
    set('.memory', (100 * used) / memory)
    set('.temperature', temperature)
    set('.power', power)
  }
  return sample
}

/** Standard output of a program, null where it is not there, fails or takes more than five seconds. */
export function run(program: string, args: string[], cwd?: string): Promise<string | null> {
  return new Promise((resolve) => {
    try {
      execFile(
        program,
        args,
        {
          cwd,
          timeout: 5000,
          maxBuffer: 64 * MIB,
          windowsHide: true,
          env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
        },
        (error, stdout) => resolve(error ? null : stdout),
      )
    } catch {
      resolve(null)
    }
  })
}
