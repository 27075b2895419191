import type { Exposure, Report, RuleReference } from '../../src/report/report.ts';

/** Reports written by hand, for tests of what is printed. */
export function rule(line: number, text: string, path = 'rules.txt'): RuleReference {
  return { path, line, text };
}

export function exposure(over: Partial<Exposure> = {}): Exposure {
  return {
    input: 0,
    direction: 'in',
    family: 'ipv4',
    protocol: 'tcp',
    ports: { from: 80, to: 80 },
    certainty: 'certain',
    conditions: [],
    from: [{}],
    scope: 'internet',
    range: 'well-known',
    assignment: { status: 'assigned', service: 'http' },
    uses: [],
    listings: [],
    scrutiny: { flag: false, level: 'none', reasons: [] },
    policy: null,
    rules: [rule(7, '-A INPUT -p tcp --dport 80 -j ACCEPT')],
    witness: { source: '192.0.2.7', destination: '192.0.2.1', sourcePort: 40000, destinationPort: 80 },
    ...over,
  };
}

export function report(over: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    tool: { name: 'fw-audit', version: '0.0.0' },
    registry: { source: 'a test', asOf: '2026-08-17' },
    inputs: [
      {
        path: 'rules.txt',
        format: 'iptables',
        dialect: 'iptables-save',
        families: ['ipv4'],
        rules: 8,
        understood: 8,
        host: 0,
      },
    ],
    exposures: [],
    findings: [],
    diagnostics: [],
    assumptions: [],
    summary: {
      openPorts: 0,
      possiblePorts: 0,
      openToInternet: 0,
      openToPrivate: 0,
      deserveALook: 0,
      rules: 8,
      understood: 8,
      findings: { note: 0, low: 0, medium: 0, high: 0 },
    },
    ...over,
  };
}

/** Five open ports of a web server, three of them worth a look. */
export function webServer(): Report {
  return report({
    exposures: [
      exposure(),
      exposure({
        ports: { from: 443, to: 443 },
        assignment: { status: 'assigned', service: 'https' },
      }),
      exposure({
        ports: { from: 2688, to: 2688 },
        range: 'registered',
        from: [{ sources: ['10.0.0.0/8'] }],
        scope: 'private',
        assignment: { status: 'assigned', service: 'md-cg-http' },
        scrutiny: { flag: true, level: 'low', reasons: ['obscure-assignment'] },
        listings: [
          {
            ports: { from: 2688, to: 2688 },
            label: 'WinHole',
            list: 'A scanner list, 2005',
            transport: 'tcp',
            date: null,
            primarySource: null,
            confidence: 'listed-only',
          },
        ],
        rules: [rule(8, '-A INPUT -s 10.0.0.0/8 -p tcp --dport 2688 -j ACCEPT')],
      }),
      exposure({
        ports: { from: 3092, to: 3092 },
        range: 'registered',
        assignment: { status: 'unassigned' },
        scrutiny: { flag: true, level: 'high', reasons: ['unassigned'] },
        rules: [rule(9, '-A INPUT -p tcp --dport 3092 -j ACCEPT')],
      }),
      exposure({
        protocol: 'udp',
        ports: { from: 51820, to: 51820 },
        range: 'ephemeral',
        assignment: { status: 'dynamic' },
        uses: [{ ports: { from: 51820, to: 51820 }, use: 'WireGuard', kind: 'unofficial', cite: [] }],
        scrutiny: { flag: true, level: 'medium', reasons: ['dynamic', 'known-unofficial-use'] },
        rules: [rule(10, '-A INPUT -p udp --dport 51820 -j ACCEPT')],
      }),
    ],
    assumptions: ['IPv6 is not covered by this input'],
    summary: {
      openPorts: 5,
      possiblePorts: 0,
      openToInternet: 4,
      openToPrivate: 1,
      deserveALook: 3,
      rules: 8,
      understood: 8,
      findings: { note: 0, low: 1, medium: 1, high: 1 },
    },
  });
}
