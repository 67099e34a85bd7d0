import { ProcessPoolExecutor } from '../../dist/parallel/index.js'
import { onPool } from './integral.mjs'

export const { size, work, error, setup, run } = onPool(ProcessPoolExecutor)
export const name = 'integral-processes'
export const title = 'The integral on a ProcessPoolExecutor'
