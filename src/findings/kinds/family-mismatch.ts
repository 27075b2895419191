import { complement, intersect, normalize } from '../../packets/interval.ts';
import type { Interval, IntervalSet } from '../../packets/interval.ts';
import type { Family } from '../../packets/fields.ts';
import type { FindingContext, FindingDraft, FindingKind } from '../finding-kind.ts';
import { decidingRule, unjustifiedRows } from '../open-rows.ts';
import type { NumberedRow } from '../open-rows.ts';

const titles: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

export const familyMismatch: FindingKind = {
  code: 'FW2011',
  name: 'family-mismatch',
  severity: 'low',
  explanation:
    'Ports that the internet reaches over one of IPv4 and IPv6 and nobody reaches over the other. Often one of the two firewalls was forgotten.',
  advice: 'Open the ports in both families or in neither, or justify the difference in fw-audit.yaml.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      rules6: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m multiport --dports 443,8443 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      rules6: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) => [...hostsOfBothFamilies(context)].flatMap((host) => mismatches(context, host)),
};

function hostsOfBothFamilies(context: FindingContext): Set<number> {
  const families = new Map<number, Set<Family>>();
  for (const input of context.inputs) {
    const known = families.get(input.host) ?? new Set();
    for (const family of input.families) known.add(family);
    families.set(input.host, known);
  }
  return new Set([...families].filter(([, known]) => known.size === 2).map(([host]) => host));
}

function mismatches(context: FindingContext, host: number): FindingDraft[] {
  const ofHost = (index: number): boolean => context.inputs[index]?.host === host;
  const rows = context.exposures.filter((row) => row.ports !== null && ofHost(row.input));
  const wide = unjustifiedRows(context).filter(
    ({ row }) =>
      row.ports !== null &&
      ofHost(row.input) &&
      row.direction !== 'out' &&
      row.scope === 'internet' &&
      row.certainty === 'certain',
  );
  const groups = new Map<string, NumberedRow[]>();
  for (const one of wide) {
    const key = [one.row.direction, one.row.protocol, one.row.family].join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group): FindingDraft[] => {
    const { direction, protocol, family } = group[0]!.row;
    const other: Family = family === 'ipv4' ? 'ipv6' : 'ipv4';
    const openThere = normalize(
      rows
        .filter((row) => row.direction === direction && row.protocol === protocol && row.family === other)
        .map(({ ports }): Interval => [ports!.from, ports!.to]),
    );
    const here = normalize(group.map(({ row }): Interval => [row.ports!.from, row.ports!.to]));
    const only = intersect(here, complement(openThere, 0, 65535));
    if (only.length === 0) return [];
    const first = group.find(({ row }) => intersect([[row.ports!.from, row.ports!.to]], only).length > 0)!;
    const rule = decidingRule(first.row);
    return [
      {
        severity: 'low',
        message: `the internet reaches ${listText(only, protocol)} over ${titles[family]}, and nobody over ${titles[other]}`,
        help: `Open it over ${titles[other]} as well, close it over ${titles[family]}, or justify the difference in the policy.`,
        exposure: first.index,
        ...(rule === undefined ? {} : { at: rule }),
        identity: [direction, protocol, family, JSON.stringify(only)],
      },
    ];
  });
}

function listText(set: IntervalSet, protocol: string): string {
  const texts = set.map(([from, to]) => (from === to ? `${from}/${protocol}` : `${from}-${to}/${protocol}`));
  return texts.length <= 12
    ? texts.join(', ')
    : `${texts.slice(0, 10).join(', ')} and ${texts.length - 10} more ranges`;
}
