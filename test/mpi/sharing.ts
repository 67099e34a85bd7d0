// Tasks that end only when every rank has one of its own at the same time: test/cli-mpi.test.ts.
import { COMM_WORLD as comm } from 'numcore/mpi'

// Not public: what the commands do with several ranks.
const load = (name: string) => import(new URL(`../../../dist/cli/${name}.js`, import.meta.url).href)
const { joinRanks, leaveRanks } = (await load('ranks')) as {
  joinRanks(words: readonly string[]): Promise<unknown>
  leaveRanks(): Promise<void>
}
const { shareTasks } = (await load('share')) as {
  shareTasks(
    ranks: unknown,
    tasks: {
      count: number
      workers: number
      run: (index: number) => Promise<number>
      take: (index: number, rank: number) => void
    },
  ): Promise<void>
}

const limit = setTimeout(() => {
  console.error('the tasks are not shared')
  comm.abort(3)
}, 120_000)
const ranks = await joinRanks(['corpus'])
const together = comm.dup()
const seen = new Map<number, number>()
const rounds = 5
for (let round = 0; round < rounds; round++) {
  await shareTasks(ranks, {
    count: comm.size,
    workers: 1,
    async run(index) {
      await together.ibarrier()
      return index * 100 + comm.rank
    },
    take: (index, rank) => seen.set(index, rank),
  })
  if (comm.rank === 0) {
    const workers = new Set([...seen.values()].map((value) => value % 100))
    const isRight = [...seen].every(([index, value]) => Math.floor(value / 100) === index)
    if (seen.size !== comm.size || workers.size !== comm.size || !isRight) comm.abort(4)
  }
}
clearTimeout(limit)
together.free()
if (comm.rank === 0) console.log(`${rounds} rounds`)
await leaveRanks()
