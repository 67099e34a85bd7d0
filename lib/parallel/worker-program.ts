// The program inside each worker that is a thread or a process.
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { Start, ToWorker } from './messages.js'
import { type Port, serve } from './worker.js'

function thread(channel: NonNullable<typeof parentPort>): Port {
  return {
    post: (message, transfer) => channel.postMessage(message, transfer as ArrayBuffer[]),
    enter: ({ threads }) => {
      const place = globalThis as Record<symbol, unknown>
      place[Symbol.for('numcore.threads')] = threads
    },
    leave: () => channel.close(),
  }
}

const ofProcess: Port = {
  // When the parent has gone there is nobody to tell, and `disconnect` ends us.
  post: (message) => {
    if (process.connected) process.send?.(message, undefined, {}, () => {})
  },
  enter: ({ parent }) => followParent(parent),
  leave: () => process.disconnect(),
}

// A process that computes hears nothing of a parent that was killed; the kernel tells it. Where it cannot (no Linux,
// no add-on), the end of the channel is heard between tasks.
async function followParent(parent: number): Promise<void> {
  process.on('disconnect', () => process.exit())
  try {
    const { native } = await import('../native.js')
    native.dieWithParent(parent)
  } catch {}
}

if (!isMainThread && parentPort) {
  const hear = serve(thread(parentPort))
  parentPort.on('message', hear)
  hear(workerData as Start)
} else {
  // A terminal sends Ctrl-C to the whole group; what becomes of the pool is for the program to say.
  process.on('SIGINT', () => {})
  const hear = serve(ofProcess)
  process.on('message', (message) => hear(message as ToWorker))
}
