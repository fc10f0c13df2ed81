'use strict';

const { Runner } = require('mocha');
const Reporter = require('./reporter.cjs');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants;
const HEAD = ['row', 'what was done', 'what was seen', 'verdict'];
/** A cell longer than this does not widen its column. */
const WIDEST = 60;

function cell(text) {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

/** The cells of a test: of a row (see row.ts), or of any other test or hook by its title. */
function cells(test, verdict, error) {
  const { id, done, seen } = test.row ?? { id: '', done: test.title, seen: [] };
  const failure = error === undefined ? [] : [String(error?.message ?? error)];
  return [id, done, [...seen, ...failure].join('; '), verdict].map(cell);
}

function line(texts, widths) {
  return `| ${texts.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
}

function table(rows) {
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => Math.min(row[column].length, WIDEST))),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  return [HEAD, rule, ...rows].map((texts) => line(texts, widths)).join('\n');
}

/**
 * The reporter of all tests, and at its end a table for every group of rows (row.ts): what was done,
 * what was seen, and whether that is as it must be. Failures with their stacks and the counts follow.
 */
module.exports = class extends Reporter {
  constructor(runner, options) {
    const groups = new Map();
    const keep = (verdict) => (test, error) => {
      const group = test.parent?.fullTitle() ?? '';
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(cells(test, verdict, error));
    };
    runner.on(EVENT_TEST_PASS, keep('ok'));
    runner.on(EVENT_TEST_FAIL, keep('FAILED'));
    runner.on(EVENT_TEST_PENDING, keep('skipped'));
    // Before the listeners of the reporter it extends: the counts have to be the last line.
    runner.once(EVENT_RUN_END, () => {
      for (const [group, rows] of groups) console.log(`\n### ${group}\n\n${table(rows)}`);
    });
    super(runner, options);
  }
};
