import { ThreadPoolExecutor } from '../../dist/parallel/index.js'
import { onPool } from './integral.mjs'

export const { size, work, error, setup, run } = onPool(ThreadPoolExecutor)
export const name = 'integral-threads'
export const title = 'The integral on a ThreadPoolExecutor'
