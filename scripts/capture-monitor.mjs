// Writes docs/monitor.txt and docs/monitor.svg: the screen of `socketcan monitor --demo virtual:demo`, as it
// was on a pseudoterminal after a few seconds. Needs script(1) of util-linux.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from './test/compile.mjs';

await compile();
const require = createRequire(import.meta.url);
const { VirtualScreen } = require(resolve('build/test/support/processes/screen.js'));

const [ROWS, COLUMNS] = [20, 100];
const [CELL_WIDTH, CELL_HEIGHT, MARGIN] = [8.4, 18, 10];
const COLORS = { 31: '#ff6b68', 32: '#6cc66c', 33: '#e0c060', 36: '#56b6c2' };

const screen = new VirtualScreen(ROWS, COLUMNS);
const command = `stty rows ${ROWS} cols ${COLUMNS}; exec node build/src/cli/main/bin.js monitor --demo virtual:demo`;
const child = spawn('script', ['-qec', command, '/dev/null'], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
});
child.stdout.setEncoding('utf8').on('data', (text) => {
  screen.write(text);
});
await sleep(Number(process.argv[2] ?? 12) * 1000);
const [lines, pieces] = [screen.lines, screen.pieces];
child.stdin.write('q');

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function textOf({ text, sgr }, x, y) {
  const codes = sgr.split(';');
  const color = codes.includes('7') ? '#1e1e1e' : (COLORS[codes.find((code) => code in COLORS)] ?? '#d4d4d4');
  const weight = codes.includes('1') ? ' font-weight="bold"' : '';
  const opacity = codes.includes('2') ? ' opacity="0.6"' : '';
  const width = (text.length * CELL_WIDTH).toFixed(1);
  const back = codes.includes('7')
    ? `<rect x="${x}" y="${y - 13}" width="${width}" height="${CELL_HEIGHT}" fill="#d4d4d4"/>`
    : '';
  return `${back}<text x="${x}" y="${y}" textLength="${width}" fill="${color}"${weight}${opacity}>${escape(text)}</text>`;
}

const body = pieces.flatMap((row, number) => {
  let column = 0;
  const y = MARGIN + 13 + number * CELL_HEIGHT;
  return row.map((piece) => {
    const x = (MARGIN + column * CELL_WIDTH).toFixed(1);
    column += piece.text.length;
    return piece.text.trim() === '' && !piece.sgr.includes('7') ? '' : textOf(piece, x, y);
  });
});
const width = Math.ceil(2 * MARGIN + COLUMNS * CELL_WIDTH);
const height = 2 * MARGIN + ROWS * CELL_HEIGHT;
writeFileSync('docs/monitor.txt', `${lines.join('\n')}\n`);
writeFileSync(
  'docs/monitor.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="monospace" font-size="14" xml:space="preserve">
<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>
${body.filter((each) => each !== '').join('\n')}
</svg>
`,
);
