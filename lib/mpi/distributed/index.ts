/** Computations that the ranks of a communicator do together: collective, with a communicator as their first argument. */
export {
  type BlockCyclicCreateOptions,
  BlockCyclicMatrix,
  type BlockCyclicOptions,
  type ScatterOptions,
} from './block-cyclic.js'
export { integrate } from './integrate.js'
export {
  type DistributedInverseInfo,
  type DistributedInverseOptions,
  inv,
  invInfo,
  invInfoSync,
  invSync,
} from './inverse.js'
export { scalapackInfo, type ScalapackInfo } from './scalapack.js'
