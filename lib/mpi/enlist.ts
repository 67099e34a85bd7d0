/** What every rank does before a program with an MPIPoolExecutor begins. */
import { employ } from './pool.js'
import { Ranks } from './rank-host.js'
import { work } from './rank-worker.js'
import { formTeam } from './team.js'

/** Rank 0 goes on; the others work for it, and end with it. Collective on COMM_WORLD. */
export async function enlist(): Promise<void> {
  const team = formTeam()
  if (team.comm.rank === 0) {
    employ(new Ranks(team))
    return
  }
  await work(team)
  process.exit(0)
}
