// The program inside each child process: one task. It sets up once for each thread count that it is told (one, unless
// the sweep is in-process), and then times a run each time the parent asks. Started by probe.ts, which puts the
// thread count into OMP_NUM_THREADS: the experiment is that the variable is obeyed.
import type { FromChild, ToChild } from './messages.js'
import { Running, tell } from './running.js'

const running = new Running({ inProcess: process.argv.includes('--in-process') })

// Whatever ended the parent, nothing that computes may stay behind: the parent gave us a process group, and
// programs that we started are in it.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
process.on('message', (message: ToChild) => {
  answer(message).then(reply, (error: unknown) => reply({ type: 'failed', message: tell(error) }))
})

async function answer(message: ToChild): Promise<FromChild> {
  return message.type === 'set-up' ? await running.setUp(message) : await running.run(message)
}

function reply(message: FromChild): void {
  process.send?.(message)
}
