// Energy from the processor's own meter (RAPL), where the kernel lets us read it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const powercap = '/sys/class/powercap'

/** Reads the energy that all processor packages have used; undefined where there is no meter or no permission. */
export class EnergyMeter {
  readonly #packages: { path: string; wraps: number }[] = []
  /** Why there is nothing to read; empty when there is. */
  readonly reason: string

  constructor(folder = powercap) {
    this.reason = this.#open(folder)
  }

  /** Microjoules of each package so far, to be handed to {@link since}. */
  now(): number[] {
    return this.#packages.map(({ path }) => readNumber(join(path, 'energy_uj')))
  }

  /** Joules used since `before`; the counters start again at 0 now and then. */
  since(before: readonly number[]): number {
    const micro = this.now().map((now, i) => {
      const used = now - (before[i] as number)
      return used >= 0 ? used : used + (this.#packages[i]?.wraps ?? 0)
    })
    return micro.reduce((sum, each) => sum + each, 0) / 1e6
  }

  #open(folder: string): string {
    let zones: string[]
    try {
      // intel-rapl:0 is a package (AMD's too), intel-rapl:0:0 a part of it.
      zones = readdirSync(folder).filter((name) => /^[a-z-]*rapl:\d+$/.test(name))
    } catch {
      return 'no RAPL here'
    }
    for (const zone of zones) {
      const path = join(folder, zone)
      try {
        if (!readFileSync(join(path, 'name'), 'utf8').startsWith('package')) continue
        readNumber(join(path, 'energy_uj'))
        this.#packages.push({ path, wraps: readNumber(join(path, 'max_energy_range_uj')) })
      } catch (error) {
        this.#packages.length = 0
        const { code } = error as NodeJS.ErrnoException
        return code === 'EACCES' ? 'RAPL is readable by root only' : 'RAPL cannot be read'
      }
    }
    return this.#packages.length > 0 ? '' : 'no RAPL here'
  }
}

const readNumber = (path: string) => Number(readFileSync(path, 'utf8'))
