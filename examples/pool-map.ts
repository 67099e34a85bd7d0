// Pool.map: the squares of twenty numbers by four processes
import { Pool } from 'numcore/parallel'

const square = (x: number) => x * x

await using pool = new Pool(4)
const numbers = Array.from({ length: 20 }, (_, i) => i)
console.log((await pool.map(square, numbers)).join(' '))
