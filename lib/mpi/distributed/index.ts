/** Computations that the ranks of a communicator do together: collective, with a communicator as their first argument. */
export { integrate } from './integrate.js'
