import { expect, test } from 'vitest';
import { audit, type AuditOptions } from '../../src/audit.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const rules = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 192.168.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 3091 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 3092 -j ACCEPT
-A INPUT -p udp -m udp --dport 500 -m recent --rcheck --name KNOWN -j ACCEPT
-A INPUT -p udp -m udp --dport 501 -m limit --limit 5/sec -j ACCEPT
COMMIT
`;

async function rowsOf(options: AuditOptions): Promise<readonly string[]> {
  const report = await audit([{ id: 0, path: 'rules.v4', text: rules, encoding: 'utf-8' }], options);
  return report.exposures.map(({ ports, from, rules: path, conditions, witness }) =>
    [
      `${ports!.from}-${ports!.to} ${from[0]?.sources?.join() ?? 'any'}`,
      `rules ${path.map(({ line }) => line).join()}`,
      ...conditions.map(({ rule }) => `hangs on ${rule?.line}`),
      `witness ${witness.source}:${witness.destinationPort}`,
    ].join(', '),
  );
}

test('a policy that tells ports or sources of a row apart tells their rules and conditions apart as well', async () => {
  const { policy } = loadPolicy(
    {
      id: 1,
      path: 'fw-audit.yaml',
      encoding: 'utf-8',
      text: `version: 1
allow:
  - port: 22/tcp
    from: [10.0.0.0/8]
    reason: Administration
  - ports: [3091/tcp, 501/udp]
    reason: Service
`,
    },
    () => 'none',
  );
  expect(await rowsOf({ policy: policy! })).toEqual([
    '22-22 10.0.0.0/8, rules 5, witness 10.0.0.1:22',
    '22-22 192.168.0.0/16, rules 6, witness 192.168.0.1:22',
    '3091-3091 any, rules 7, witness 198.51.100.7:3091',
    '3092-3092 any, rules 8, witness 198.51.100.7:3092',
    '500-500 any, rules 9, hangs on 9, witness 198.51.100.7:500',
    '501-501 any, rules 10, hangs on 10, witness 198.51.100.7:501',
  ]);
});

test('so does a row that is split by assignment', async () => {
  const rows = await rowsOf({ expand: true });
  expect(rows.slice(1, 3)).toEqual([
    '3091-3091 any, rules 7, witness 198.51.100.7:3091',
    '3092-3092 any, rules 8, witness 198.51.100.7:3092',
  ]);
});
