// A progress bar for people: on standard error, and only when that is a terminal.
import { createRequire } from 'node:module'

export interface Progress {
  /** `fraction` is 0 to 1 of the whole; `note` says what is being done. */
  update(fraction: number, note?: string): void
  /** Takes the bar off the screen. May be called twice. */
  stop(): void
}

/**
 * A bar on standard error, or an object that does nothing when standard error is no terminal: the
 * caller need not ask.
 */
export function progressBar(label: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} }
  // Loaded for those who look at it: it takes as long to load as a short command works.
  const cliProgress = createRequire(import.meta.url)(
    'cli-progress',
  ) as typeof import('cli-progress')
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: `${label} {bar} {percentage} %  {note}`,
      barsize: 30,
      fps: 5,
      clearOnComplete: true,
      // A hidden cursor would stay hidden when the process is killed.
      hideCursor: false,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  )
  bar.start(1, 0, { note: '' })
  return {
    update: (fraction, note = '') => bar.update(Math.min(1, Math.max(0, fraction)), { note }),
    stop: () => bar.stop(),
  }
}
