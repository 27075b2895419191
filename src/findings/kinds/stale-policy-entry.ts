import type { FindingKind } from '../finding-kind.ts';

export const stalePolicyEntry: FindingKind = {
  code: 'FW2015',
  name: 'stale-policy-entry',
  severity: 'low',
  explanation:
    'An allow entry justifies nothing that is open: the port was closed, or the entry never fitted.',
  advice:
    'Remove the entry, so that the port needs a new reason before it is opened again. If the port should be open, compare ports, sources, direction and inputs with the rule.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 443/tcp
    reason: Public web site
  - port: 8443/tcp
    reason: Old admin console
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 443/tcp
    reason: Public web site
`,
    },
  },
  find: (context) =>
    (context.judgement?.unusedEntries ?? [])
      // An extended policy may be wider than this firewall; only one's own entries can be removed.
      .filter((entry) => context.policy?.files.includes(entry.file) === true)
      .map((entry) => ({
        message: `the entry for ${entry.portsText} (${entry.reason}) justifies nothing that is open`,
        help: 'Remove it, or compare its ports, sources, direction and inputs with the rule that it is meant for.',
        at: entry.location,
        identity: [
          entry.file,
          entry.portsText,
          (entry.fromText ?? []).join(' '),
          entry.direction,
          entry.reason,
        ],
      })),
};
