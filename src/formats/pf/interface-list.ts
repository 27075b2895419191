import type { Source } from '../../source/source.ts';
import type { Detection, Reading } from '../format.ts';
import type { SkippedInterface } from './settings.ts';

/** How the output of `pfctl -sI -v` is called: interfaces and groups, and which of them pf skips. */
export const interfaceList = 'pfctl-sI';

const nameLine = /^([A-Za-z][\w.-]*)( \(skip\))?\s*$/;
/** What -vv adds below each (pfi_print_interface and its counters in pfctl_table.c). */
const counterLine = /^\s+(Cleared|References|(In|Out)[46]\/(Pass|Block)):/;

/** Names alone could be anything: without -v nothing tells what they are, nor which are skipped. */
export function looksLikeInterfaces(lines: readonly string[]): boolean {
  return (
    lines.every((line) => nameLine.test(line) || counterLine.test(line)) &&
    lines.some((line) => / \(skip\)\s*$/.test(line) || counterLine.test(line))
  );
}

export function isInterfaceList({ dialect }: Detection): boolean {
  return dialect === interfaceList;
}

/** The interfaces and groups that pf skips. */
export function skippedIn(source: Source): SkippedInterface[] {
  const skipped: SkippedInterface[] = [];
  let start = 0;
  for (const line of source.text.split('\n')) {
    const [, name, skip] = nameLine.exec(line) ?? [];
    if (name !== undefined && skip !== undefined)
      skipped.push({ name, span: { source: source.id, start, end: start + line.trimEnd().length } });
    start += line.length + 1;
  }
  // A group's flag is shown at its interfaces, too, and says more: it holds for those to come.
  const names = new Set(skipped.map(({ name }) => name));
  return skipped.filter(({ name }) => {
    const group = name.replace(/(?<![0-9])[0-9]+$/, '');
    return group === name || !names.has(group);
  });
}

/** What such a list is by itself; `rules`: there are rules beside it. */
export function interfaceReading(source: Source, rules: boolean): Reading {
  return {
    firewall: {
      format: 'pf',
      dialect: interfaceList,
      entries: [],
      chains: new Map(),
      sets: new Map(),
      assumptions: [],
    },
    diagnostics: rules
      ? []
      : [
          {
            code: 'FW1005',
            severity: 'warning',
            message: 'the input lists interfaces and holds no rules',
            span: { source: source.id, start: 0, end: 0 },
            help: 'give it beside the rules: fw-audit --host rules.txt interfaces.txt',
          },
        ],
    rules: 0,
    understood: 0,
    families: ['ipv4', 'ipv6'],
  };
}
