/**
 * One file of an archive.
 *
 * @internal
 */
export interface ArchiveFile {
  /** Path inside the archive: relative, with forward slashes, at most 100 bytes. */
  readonly path: string;
  readonly content: string;
}

const BLOCK = 512;

/**
 * Writes a POSIX ustar archive. The bytes depend on paths and contents alone: files are sorted, owned by root, mode 0644
 * and dated 1970, so that the same input has the same checksum on any machine. Written here because archive packages
 * work on streams or on files, and a construct's constructor has neither.
 *
 * @internal
 */
export function tarArchive(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks: Buffer[] = [];
  for (const file of sorted) {
    const content = Buffer.from(file.content, 'utf8');
    blocks.push(header(file.path, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  // Two empty blocks end an archive.
  blocks.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(blocks);
}

function header(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`expected a path of at most 100 bytes in a bundle, got '${path}'`);
  }
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => value.toString(8).padStart(length, '0') + '\0';
  block.write(path, 0);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  block.write('root', 265);
  block.write('root', 297);
  block.write(octal(0, 7), 329);
  block.write(octal(0, 7), 337);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(octal(sum, 6) + ' ', 148);
  return block;
}
