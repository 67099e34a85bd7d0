// Everything that is passed by reference, loaded for the sake of registering itself.
import './barrier.js'
import './lock.js'
import './semaphore.js'
import './shared-array.js'
import './shared-value.js'

export { revive } from './reference.js'
