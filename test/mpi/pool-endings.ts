// A program with an MPIPoolExecutor ends in the way that it is told: test/mpi-pool.test.ts looks at what the job does.
import { COMM_WORLD, MPIPoolExecutor } from 'numcore/mpi'

const [how] = process.argv.slice(2)
const forever = () => {
  for (;;);
}

console.log('the program')
if (how !== 'nothing') {
  const pool = new MPIPoolExecutor()
  const squares = await pool.map((x: number) => x * x, [1, 2, 3])
  if (squares.join() !== '1,4,9' || COMM_WORLD.rank !== 0) throw new Error(squares.join())
  if (how === 'abandoned') {
    await pool.apply(forever, [], { timeout: 20 }).catch(() => {})
    await pool.close()
  }
  if (how === 'large result') {
    void pool.submit(() => new Float64Array(4e6))
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.exit(0)
  }
  if (how === 'kill') {
    await pool.submit(() => process.kill(process.pid, 'SIGKILL'))
    await pool.submit(forever)
    console.log('went on')
  }
  if (how === 'exit' || how === 'throw') {
    void pool.submit(forever)
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (how === 'exit') process.exit(4)
    throw new RangeError('the mast broke')
  }
}
