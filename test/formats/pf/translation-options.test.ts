import { describe, expect, it } from 'vitest';
import type { AuditOptions } from '../../../src/audit.ts';
import { ask, packetOf, told } from './probe.ts';

/** `line: verdict` of each line of a probe table. */
async function verdicts(text: string, probes: string, options: AuditOptions = {}): Promise<string[]> {
  const query = await ask(text, options);
  return probes
    .trim()
    .split('\n')
    .map((line) => `${line.trim()}: ${query.query(packetOf(line.trim().split(/\s+/))).verdict}`);
}

async function expectVerdicts(text: string, table: string, options: AuditOptions = {}): Promise<void> {
  const lines = table
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const probes = lines.map((line) => line.replace(/: \w+$/, '')).join('\n');
  expect(await verdicts(text, probes, options)).toEqual(lines);
}

describe('binat-to', () => {
  it('is two rules: out for the inner address, in for the outer one', async () => {
    const text = 'block\npass on em0 inet from 10.0.0.5 to any binat-to 203.0.113.5\n';
    await expectVerdicts(
      text,
      `tcp 22 from 198.51.100.1 to 203.0.113.5 in em0: allow
       tcp 22 from 198.51.100.1 to 203.0.113.6 in em0: deny
       tcp 22 from 10.0.0.5 to 198.51.100.1 in em0: deny
       tcp 22 from 198.51.100.1 to 203.0.113.5 in em1: deny
       out tcp 22 from 10.0.0.5 to 198.51.100.1 out-if em0: allow
       out tcp 22 from 10.0.0.6 to 198.51.100.1 out-if em0: deny`,
    );
  });

  it('shows later rules the inner address, if it stands on a match rule', async () => {
    const text =
      'match on em0 inet from 10.0.0.5 to any binat-to 203.0.113.5\nblock in\npass in to 10.0.0.5\n';
    await expectVerdicts(
      text,
      `tcp 22 from 198.51.100.1 to 203.0.113.5 in em0: allow
       tcp 22 from 198.51.100.1 to 203.0.113.6 in em0: deny
       tcp 22 from 198.51.100.1 to 10.0.0.5 in em1: allow`,
    );
  });

  it('exchanges the ports, too', async () => {
    const text = 'block\npass inet proto tcp from 10.0.0.5 port 80 to 198.51.100.0/24 binat-to 203.0.113.5\n';
    await expectVerdicts(
      text,
      `tcp 80 from 198.51.100.1 to 203.0.113.5 in em0: allow
       tcp 81 from 198.51.100.1 to 203.0.113.5 in em0: deny
       tcp 80 from 192.0.2.1 to 203.0.113.5 in em0: deny`,
    );
  });
});

describe('rdr-to and nat-to', () => {
  it('may stand in one rule and in either direction', async () => {
    const text =
      'match in proto tcp to 203.0.113.10 port 2222 rdr-to 10.0.0.9 port 22 nat-to 10.0.0.2\nblock in\npass in proto tcp from 10.0.0.2 to 10.0.0.9 port 22\n';
    await expectVerdicts(
      text,
      `tcp 2222 from 198.51.100.1 to 203.0.113.10 in em0: allow
       tcp 22 from 198.51.100.1 to 10.0.0.9 in em0: deny`,
    );
    await expectVerdicts(
      'match out proto tcp to port 8080 rdr-to 127.0.0.1 port 80\nblock out\npass out proto tcp to 127.0.0.1 port 80\n',
      `out tcp 8080 to 198.51.100.1 out-if em0: allow
       out tcp 80 to 198.51.100.1 out-if em0: deny`,
    );
  });

  it('take one address of a pool, any of them', async () => {
    const text = 'match in proto tcp to port 80 rdr-to { 10.0.0.1, 10.0.0.2 }\nblock in\n';
    const probe = 'tcp 80 from 198.51.100.1 to 203.0.113.10 in em0';
    await expectVerdicts(`${text}pass in to 10.0.0.1\n`, `${probe}: conditional`);
    await expectVerdicts(`${text}pass in to 10.0.0.2\n`, `${probe}: conditional`);
    await expectVerdicts(`${text}pass in to { 10.0.0.1 10.0.0.2 }\n`, `${probe}: allow`);
    await expectVerdicts(`${text}pass in to 203.0.113.10\n`, `${probe}: deny`);
  });

  it('make a rule of the family of the address, and so does a route', async () => {
    for (const option of ['route-to (em1 192.0.2.1)', 'reply-to (em1 192.0.2.1)']) {
      await expectVerdicts(
        `block in\npass in on em0 ${option}\n`,
        `tcp 80 from 198.51.100.1 to 203.0.113.10 in em0: allow
         tcp 80 from 2001:db8::1 to 2001:db8::2 in em0: deny`,
      );
    }
    expect(told('pass in on em0 route-to (em1 2001:db8::1) prefer-ipv6-nexthop inet\n').join()).not.toContain(
      'error',
    );
    expect(
      told(
        'pass in on em0 route-to (em1 192.0.2.2) inet6 from any to 64:ff9b::/96 af-to inet from (em1)\n',
      ).join(),
    ).not.toContain('error');
  });
});

describe('what only some packets have', () => {
  it('an owner is unknown where there is no socket', async () => {
    await expectVerdicts('block in\npass in user root\n', 'tcp 22: conditional\nicmp 8 from 192.0.2.1: deny');
    await expectVerdicts(
      'block in\npass in user != root\n',
      'tcp 22: conditional\nicmp 8 from 192.0.2.1: allow',
    );
    await expectVerdicts(
      'block in\npass in user unknown\n',
      'tcp 22: conditional\nicmp 8 from 192.0.2.1: allow',
    );
  });

  it('only TCP shows a system', async () => {
    await expectVerdicts('block in\npass in from any os "OpenBSD"\n', 'tcp 22: conditional\nudp 53: deny');
  });

  it('a tag may have several words', async () => {
    await expectVerdicts(
      'block in\nmatch in proto tcp to port 22 tag BEHIND   THE WALL\npass in tagged "BEHIND THE WALL"\n',
      'tcp 22: allow\ntcp 23: deny',
    );
  });
});

describe("what pfctl -a '*' prints", () => {
  const nat = `nat-anchor "relay/*" all {
  nat-anchor "web" all {
    nat on em0 inet from 10.0.0.0/8 to any -> 203.0.113.10
    rdr on em0 inet proto tcp from any to any port = 8080 -> 10.0.0.5 port 80
  }
}
rdr-anchor "relay/*" all {
  nat-anchor "web" all {
    nat on em0 inet from 10.0.0.0/8 to any -> 203.0.113.10
    rdr on em0 inet proto tcp from any to any port = 8080 -> 10.0.0.5 port 80
  }
}
`;
  const filter = `block drop in all
anchor "relay/*" all {
  anchor "web" all {
    pass in inet proto tcp from any to 10.0.0.5 port = http flags S/SA keep state
  }
}
`;

  it('holds the rules of all anchors', async () => {
    expect(told(nat + filter)).toEqual([]);
    await expectVerdicts(
      nat + filter,
      `tcp 8080 from 198.51.100.1 to 203.0.113.10 in em0: allow
       tcp 8081 from 198.51.100.1 to 203.0.113.10 in em0: deny
       tcp 80 from 198.51.100.1 to 10.0.0.5 in em1: allow`,
    );
  });

  it('rdr rules are asked by rdr-anchor alone', async () => {
    const text = `nat-anchor "x" all {
  rdr pass on em0 inet proto tcp from any to any port = 8080 -> 10.0.0.5 port 80
}
binat-anchor "x" all {
  rdr pass on em0 inet proto tcp from any to any port = 8080 -> 10.0.0.5 port 80
}
block drop in all
`;
    await expectVerdicts(text, 'tcp 8080 from 198.51.100.1 to 203.0.113.10 in em0: deny');
  });
});

describe('ethernet rules', () => {
  it('in anchors may block, too', async () => {
    const text = 'ether anchor "guests" on em0 {\n  ether block\n}\npass in\n';
    await expectVerdicts(text, 'tcp 22 in em0: conditional');
    await expectVerdicts('ether anchor "guests"\npass in\n', 'tcp 22 in em0: conditional');
    await expectVerdicts('ether pass in\npass in\n', 'tcp 22 in em0: allow');
    expect(told('ether anchor a {\n  block in\n}\n').join()).toContain('only ether rules may stand');
  });

  it('are a section of pfctl -sa', async () => {
    await expectVerdicts(
      'ETH RULES:\nether block in on em0 l3 all\n\nFILTER RULES:\npass in all flags S/SA keep state\n',
      'tcp 22 in em0: conditional',
    );
  });
});

it('limits on states and sources let the first connections in', async () => {
  const text = `state limiter "dns" id 1 limit 1000 rate 1/10
source limiter "who" id 2 entries 2 limit 3 rate 4/5 inet mask 16
block in
pass in proto tcp to port domain state limiter "dns" (no-match) source limiter "who"
`;
  expect(told(text)).toEqual([]);
  await expectVerdicts(text, 'tcp 53: allow\ntcp 54: deny');
  // They are plain words elsewhere.
  await expectVerdicts(
    'limiter = "53"\nsource = "any"\nblock in\npass in proto tcp from $source to port $limiter\n',
    'tcp 53: allow',
  );
});
