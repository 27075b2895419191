import type { Exposure, ReportInput } from '../../src/report/report.ts';
import type { Source } from '../../src/source/source.ts';

/** An exposure of 22/tcp from anywhere by rule 3 of rules.txt, with whatever a test changes. */
export function row(changes: Partial<Exposure> = {}): Exposure {
  const ports = changes.ports === undefined ? { from: 22, to: 22 } : changes.ports;
  return {
    input: 0,
    direction: 'in',
    family: 'ipv4',
    protocol: 'tcp',
    ports,
    certainty: 'certain',
    conditions: [],
    from: [{}],
    scope: 'internet',
    range: 'well-known',
    assignment: { status: 'assigned', service: 'ssh', description: 'The Secure Shell (SSH) Protocol' },
    uses: [],
    listings: [],
    scrutiny: { flag: false, level: 'none', reasons: [] },
    policy: null,
    rules: [{ path: 'rules.txt', line: 3, text: '-A INPUT -p tcp --dport 22 -j ACCEPT' }],
    witness: {
      source: '198.51.100.7',
      sourcePort: 40000,
      destination: '192.0.2.1',
      ...(ports === null ? {} : { destinationPort: ports.from }),
    },
    ...changes,
  };
}

export function input(changes: Partial<ReportInput> = {}): ReportInput {
  return {
    path: 'rules.txt',
    format: 'iptables',
    dialect: 'iptables-save',
    families: ['ipv4'],
    rules: 3,
    understood: 3,
    host: 0,
    ...changes,
  };
}

export function policySource(text: string, path = 'fw-audit.yaml'): Source {
  return { id: 0, path, text, encoding: 'utf-8' };
}
