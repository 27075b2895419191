import type { FindingKind } from '../finding-kind.ts';

export const expiringSoon: FindingKind = {
  code: 'FW2017',
  name: 'expiring-soon',
  severity: 'note',
  explanation:
    'A justification ends within 30 days, or as many as the policy says in `justification.remindDays`.',
  advice: 'Close the port in time, or have it approved again.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 8443/tcp
    reason: Migration of the shop
    expires: 2026-12-01
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 8443/tcp
    reason: Migration of the shop
    expires: 2999-06-30
`,
    },
  },
  find: (context) =>
    (context.judgement?.expiringEntries ?? []).map((entry) => ({
      message: `the justification of ${entry.portsText} (${entry.reason}) ends on ${entry.expires!}`,
      help: `Close the port in time, or have it approved again${entry.owner === undefined ? '' : ` (owner: ${entry.owner})`}.`,
      at: entry.location,
      identity: [
        entry.file,
        entry.portsText,
        (entry.fromText ?? []).join(' '),
        entry.direction,
        entry.expires!,
      ],
    })),
};
