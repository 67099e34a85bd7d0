// Our side of bench/integral.mjs.
import { createInterface } from 'node:readline'
import { integrate, integrateSync } from 'numcore'

for await (const line of createInterface({ input: process.stdin })) {
  const { source, n, threads, small } = JSON.parse(line)
  if (small) {
    const times = []
    for (let i = 0; i < 4000; i++) {
      const start = performance.now()
      integrateSync(source, 0, 1, { bins: n })
      times.push((performance.now() - start) / 1000)
    }
    times.sort((a, b) => a - b)
    console.log(JSON.stringify({ seconds: times[2000] }))
    continue
  }
  const start = performance.now()
  const { value, threads: used } = await integrate(source, 0, 1, { bins: n, threads })
  const seconds = (performance.now() - start) / 1000
  console.log(JSON.stringify({ seconds, value, threads: used }))
}
