import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as zlib from 'zlib';
import { renderCheck } from './phase-scripts';

const [, PROGRAM] = /<<\\PYTHON\n([^]*?)\nPYTHON\n/.exec(renderCheck('virtual_desktop', {})!)!;
const COLOUR = [200, 30, 7];

function crc32(data: Buffer): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(kind: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind), body]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)];
  ends[0].writeUInt32BE(body.length);
  ends[1].writeUInt32BE(crc32(named));
  return Buffer.concat([ends[0], named, ends[1]]);
}

/** A picture of eight pixels a line, each line with the filter given: the bytes are those that a filter makes of one colour. */
function picture(filters: readonly number[], last = COLOUR): Buffer {
  const width = 8;
  const rows = filters.map((filter, row) => {
    const line: number[] = [filter];
    for (let index = 0; index < width * 3; index++) {
      const value = row === filters.length - 1 && index >= (width - 1) * 3 ? last[index % 3] : COLOUR[index % 3];
      const left = index < 3 ? 0 : COLOUR[index % 3];
      const up = row === 0 ? 0 : COLOUR[index % 3];
      const corner = index < 3 || row === 0 ? 0 : COLOUR[index % 3];
      const nearest = left + up - corner;
      const paeth = [left, up, corner].reduce((best, one) => (Math.abs(nearest - one) < Math.abs(nearest - best) ? one : best));
      line.push((value - [0, left, up, (left + up) >> 1, paeth][filter]) & 255);
    }
    return Buffer.from(line);
  });
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, filters.length, 8, 2, 0, 0, 0]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  const data = zlib.deflateSync(Buffer.concat(rows));
  // In two parts, as encoders do.
  const parts = [data.subarray(0, 5), data.subarray(5)].map((part) => chunk('IDAT', part));
  return Buffer.concat([signature, chunk('IHDR', header), ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function colours(image: Buffer): { readonly status: number | null; readonly output: string } {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'picture-')), 'answer');
  fs.writeFileSync(file, JSON.stringify({ format: 'png', base64: image.toString('base64') }));
  const result = spawnSync('python3', ['-', file], { input: PROGRAM, encoding: 'utf8' });
  fs.rmSync(path.dirname(file), { recursive: true });
  return { status: result.status, output: result.stdout.trim() };
}

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? describe : describe.skip)('colours of a screenshot', () => {
  test.each([0, 1, 2, 3, 4])('one, with the filter %d', (filter) => {
    expect(colours(picture([filter, filter, filter]))).toEqual({ status: 0, output: 'one' });
  });

  test.each([0, 1, 2, 3, 4])('more, when the last pixel is another, with the filter %d', (filter) => {
    expect(colours(picture([0, 4, filter], [200, 30, 8]))).toEqual({ status: 0, output: 'more' });
  });

  test('no picture is no answer', () => {
    expect(colours(Buffer.from('GIF89a')).status).not.toBe(0);
  });
});
