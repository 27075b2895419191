import { IpsetParser } from '../../../../grammars/iptables/ipset-parser.ts';
import { splitWords } from '../../../../grammars/iptables/words.ts';
import type { Source, Span } from '../../../source/source.ts';
import { linesOf } from '../lines.ts';
import type { Reporter } from '../reporter.ts';
import type { SetStore } from './set-store.ts';

/** Reads a part of a source in the form of `ipset save`. */
export function readIpsetSave(
  source: Source,
  from: number,
  to: number,
  store: SetStore,
  reporter: Reporter,
): void {
  const parser = new IpsetParser();
  for (const [start, end] of linesOf(source.text, from, to)) {
    if (start === end) continue;
    const line = parser.parse(source.text.slice(start, end));
    const span: Span = { source: source.id, start, end };
    if (line.kind === 'command') store.run(line.verb, line.words, span);
    else if (line.kind === 'unknown')
      reporter.add({ code: 'FW1116', severity: 'warning', message: 'this line is no ipset command' }, span);
  }
}

/** Reads a part of a source in the form of `ipset list`; a terse listing names no members, so the content is unknown. */
export function readIpsetList(
  source: Source,
  from: number,
  to: number,
  store: SetStore,
  reporter: Reporter,
): void {
  let name = '';
  let type = '';
  let nameSpan: Span = { source: source.id, start: from, end: from };
  let inMembers = false;
  let sawMembers = true;
  const close = (): void => {
    if (name !== '' && !sawMembers) store.doubt(name, `the listing of set ${name} does not show its members`);
  };
  for (const [start, end] of linesOf(source.text, from, to)) {
    const line = source.text.slice(start, end);
    const span: Span = { source: source.id, start, end };
    if (line.startsWith('Name: ')) {
      close();
      name = line.slice(6).trim();
      nameSpan = span;
      inMembers = false;
      sawMembers = false;
    } else if (inMembers && line.trim() !== '') {
      if (!line.startsWith('#')) store.run('add', [name, ...splitWords(line).words], span);
    } else if (line.startsWith('Type: ')) {
      type = line.slice(6).trim();
    } else if (line.startsWith('Header: ')) {
      store.create(
        name,
        type,
        line
          .slice(8)
          .trim()
          .split(/[ \t]+/),
        nameSpan,
      );
    } else if (/^Members:[ \t]*$/.test(line)) {
      inMembers = true;
      sawMembers = true;
    } else if (line.trim() === '') {
      inMembers = false;
    } else if (
      !/^(?:Revision|Size in memory|References|Number of entries|Default binding|Bindings):/.test(line) &&
      !line.startsWith('#')
    ) {
      reporter.add(
        { code: 'FW1116', severity: 'warning', message: 'this line is no part of an ipset listing' },
        span,
      );
    }
  }
  close();
}
