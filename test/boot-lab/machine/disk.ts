import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../patience';

/**
 * What a machine writes to: `plain`, `small` of a fixed number of MiB, or `journalled`, an ext4 file system of its own
 * that loses on a power cut what was not synced, as a volume does. All are in memory.
 */
export type DiskKind =
  { readonly kind: 'plain' } | { readonly kind: 'small'; readonly mebibytes: number } | { readonly kind: 'journalled' };

const PLAIN_MEBIBYTES = 1024;
const JOURNALLED_MEBIBYTES = 512;
const RELEASE_LIMIT_SECONDS = 5;

/** EXT4_IOC_SHUTDOWN of the file system below a folder, without writing out its log. */
const SHUT_DOWN = '$flags = pack("L", 2); open(F, "<", $ARGV[0]) && ioctl(F, 0x8004587d, $flags) or die "$!\\n"';

/** The root file system of a machine: a writable layer over the layers of its image. */
export class Disk {
  public readonly root: string;
  /** Folder that holds the writable layer. */
  private readonly store: string;
  private readonly memory: string;

  public constructor(
    folder: string,
    private readonly layers: readonly string[],
    private readonly kind: DiskKind,
  ) {
    this.root = path.join(folder, 'root');
    this.memory = path.join(folder, 'disk');
    this.store = kind.kind === 'journalled' ? path.join(this.memory, 'volume') : this.memory;
    mkdirSync(this.root, { recursive: true });
    mkdirSync(this.memory, { recursive: true });
    const mebibytes = kind.kind === 'small' ? kind.mebibytes : PLAIN_MEBIBYTES;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', this.memory]);
    try {
      if (kind.kind === 'journalled') {
        mkdirSync(this.store);
        writeFileSync(this.backing, '');
        truncateSync(this.backing, JOURNALLED_MEBIBYTES * 1024 * 1024);
        execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1', this.backing]);
      }
      this.mount();
    } catch (error) {
      execFileSync('umount', ['--recursive', '--lazy', this.memory]);
      throw error;
    }
  }

  /** Whether syncing means anything: only a volume that can lose data needs it. */
  public get syncs(): boolean {
    return this.kind.kind === 'journalled';
  }

  /** Folder that holds what the machine wrote, apart from its image. */
  public get written(): string {
    return path.join(this.store, 'layer');
  }

  /** As after a power cut: what had not reached the volume is gone. Only a journalled disk forgets. */
  public losePower(): void {
    if (this.kind.kind !== 'journalled') return;
    // From here on nothing is written any more: otherwise the copy might hold later blocks without earlier ones.
    execFileSync('perl', ['-e', SHUT_DOWN, this.store]);
    // Written blocks are in the file; what the guest's file system still held in memory is not.
    execFileSync('cp', ['--sparse=always', this.backing, `${this.backing}.cut`]);
    this.unmount();
    renameSync(`${this.backing}.cut`, this.backing);
    this.mount();
  }

  /** Keeps the volume of the machine, which is off, as an image. Only a journalled disk is a volume. Returns its file. */
  public makeImage(): string {
    this.unmount();
    execFileSync('cp', ['--sparse=always', this.backing, this.image]);
    this.mount();
    return this.image;
  }

  /** The machine, which is off, gets a volume made from the image. */
  public startFromImage(): void {
    this.unmount();
    execFileSync('cp', ['--sparse=always', this.image, this.backing]);
    this.mount();
  }

  /** The disk of a machine that is off is as it was made. */
  public renew(): void {
    this.unmount();
    for (const folder of [this.written, this.work]) rmSync(folder, { recursive: true });
    this.mount();
  }

  /** Takes all the room that is left. */
  public fill(): void {
    const filler = openSync(path.join(this.store, 'filler'), 'w');
    try {
      for (const chunk = Buffer.alloc(64 * 1024); ;) writeSync(filler, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(filler);
    }
  }

  /** Not lazily: memory that is still in use is a process or a loop device that was forgotten. */
  public async destroy(): Promise<void> {
    this.unmount();
    // A loop device lets go of its file a moment after its file system was unmounted.
    for (const end = Date.now() + RELEASE_LIMIT_SECONDS * 1000 * patience(); ; await sleep(50)) {
      try {
        execFileSync('umount', [this.memory], { stdio: 'pipe' });
        return;
      } catch (error) {
        if (Date.now() < end) continue;
        execFileSync('umount', ['--lazy', this.memory]);
        throw error;
      }
    }
  }

  private get work(): string {
    return path.join(this.store, 'work');
  }

  private get backing(): string {
    return path.join(this.memory, 'volume.ext4');
  }

  private get image(): string {
    return path.join(this.memory, 'image.ext4');
  }

  private mount(): void {
    if (this.kind.kind === 'journalled') execFileSync('mount', ['-o', 'loop', this.backing, this.store]);
    mkdirSync(this.written, { recursive: true });
    mkdirSync(this.work, { recursive: true });
    execFileSync('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${this.layers.join(':')},upperdir=${this.written},workdir=${this.work}`,
      this.root,
    ]);
  }

  private unmount(): void {
    execFileSync('umount', [this.root]);
    if (this.kind.kind === 'journalled') execFileSync('umount', [this.store]);
  }
}
