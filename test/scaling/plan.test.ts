import assert from 'node:assert/strict'
import { internal } from './internal.js'

describe('scaling plan: which children live together', () => {
  const megabyte = 2 ** 20
  const spot = (task: string, threads: number, megabytes: number) => ({
    task,
    threads,
    bytes: megabytes * megabyte,
  })
  const shape = (groups: { task: string; threads: number }[][]) =>
    groups.map((group) => group.map(({ task, threads }) => `${task}${threads}`).join(' '))

  it('all of them when they fit', async () => {
    const { group } = await internal('plan')
    const spots = [spot('a', 1, 100), spot('a', 2, 100), spot('b', 1, 0)]
    // 100 + 100 + 0, and 64 for each Node.
    assert.deepEqual(shape(group(spots, 392 * megabyte)), ['a1 a2 b1'])
  })

  it('whole tasks as long as possible, then as many thread counts as fit', async () => {
    const { group } = await internal('plan')
    const spots = [1, 2, 4].flatMap((threads) => [
      spot('big', threads, 436),
      spot('small', threads, 0),
    ])
    assert.deepEqual(shape(group(spots, 1100 * megabyte)), [
      'big1 big2',
      'big4 small1 small2 small4',
    ])
    assert.deepEqual(shape(group(spots, 900 * megabyte)), [
      'big1 small1 small2 small4',
      'big2',
      'big4',
    ])
  })

  it('one that fits nowhere goes alone', async () => {
    const { group } = await internal('plan')
    assert.deepEqual(shape(group([spot('a', 1, 9000), spot('b', 1, 1)], megabyte)), ['a1', 'b1'])
    assert.deepEqual(group([], megabyte), [])
  })

  it('thread counts: powers of two and the most', async () => {
    const { powersOfTwo } = await internal('plan')
    assert.deepEqual(powersOfTwo(1), [1])
    assert.deepEqual(powersOfTwo(2), [1, 2])
    assert.deepEqual(powersOfTwo(6), [1, 2, 4, 6])
    assert.deepEqual(powersOfTwo(16), [1, 2, 4, 8, 16])
  })
})
