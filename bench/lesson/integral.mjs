// The lesson's integral on a pool, cut into the same eight parts for every number of workers.
export const bins = 1e7

function midpointSum(first, last, width) {
  let sum = 0
  for (let i = first; i < last; i++) sum += ((i + 0.5) * width) ** 1.5
  return sum * width
}

const edge = (part) => Math.round((part * bins) / 8)
const ranges = Array.from({ length: 8 }, (_, i) => [edge(i), edge(i + 1), 1 / bins])

/** A task of `numcore scaling` whose threads are the workers of a pool. */
export function onPool(Executor) {
  let pool
  return {
    size: bins,
    work: { amount: bins, unit: 'midpoints' },
    error: (value) => Math.abs(value - 0.4),
    setup(workers) {
      pool = new Executor({ maxWorkers: workers })
    },
    async run() {
      const parts = await pool.starmap(midpointSum, ranges, { chunkSize: 1 })
      return parts.reduce((sum, part) => sum + part, 0)
    },
  }
}
