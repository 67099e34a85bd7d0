// Numerical integral of x^(3/2) from 0 to 1, in a plain loop; the kernel of numcore beside it
import { integrate } from 'numcore'

const bins = Number(process.argv[2] ?? 1e8)

function midpointSum(first: number, last: number, width: number): number {
  let sum = 0
  for (let i = first; i < last; i++) sum += ((i + 0.5) * width) ** 1.5
  return sum * width
}

console.time('plain loop')
const value = midpointSum(0, bins, 1 / bins)
console.timeEnd('plain loop')
console.log(`Integral value is ${value}, error ${Math.abs(value - 0.4).toExponential(1)}`)

console.time('integrate ')
const kernel = await integrate('x**(3/2)', 0, 1, { bins })
console.timeEnd('integrate ')
console.log(
  `Integral value is ${kernel.value}, error ${Math.abs(kernel.value - 0.4).toExponential(1)}`,
)
