// Our side of bench/fft.mjs.
import { createInterface } from 'node:readline'
import { acf, fft, fft2, rfft } from 'numcore'

const made = new Map()
function noise(length) {
  if (!made.has(length)) {
    made.clear()
    made.set(
      length,
      Float64Array.from({ length }, () => Math.random() - 0.5),
    )
  }
  return made.get(length)
}

const work = {
  fft: ({ n }) => [noise(2 * n), (x) => fft(x, { threads: 1 })],
  rfft: ({ n }) => [noise(n), (x) => rfft(x, { threads: 1 })],
  fft2: ({ n }) => [noise(2 * n * n), (x) => fft2(x, { rows: n, columns: n, threads: 1 })],
  acf: ({ n, lags }) => [noise(n), (x) => acf(x, { lags, threads: 1 })],
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  const [x, run] = work[request.do](request)
  const start = performance.now()
  for (let i = 0; i < request.repeat; i++) await run(x)
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000 / request.repeat }))
}
