/** A process's memory and time as the kernel counts them: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */

import { readFileSync, writeFileSync } from 'node:fs';

function readKilobytes(pid: number, key: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
}

/** What it holds now, in megabytes. */
export const getResidentMegabytes = (pid: number): number => readKilobytes(pid, 'VmRSS') / 1024;

/** The most that it ever held since {@link resetPeakMemory}, in megabytes. */
export const getPeakMegabytes = (pid: number): number => readKilobytes(pid, 'VmHWM') / 1024;

/** https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html: 5 resets the peak. */
export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
