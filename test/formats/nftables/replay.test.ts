import { describe, expect, it } from 'vitest';
import type { Source } from '../../../src/source/source.ts';
import { ask, packetOf, read, textSource } from './probe.ts';

/** The rules of the chain `input` of table `inet t`, by the ports they test. */
function ports(text: string, files: Readonly<Record<string, string>> = {}): (number | string)[] {
  const include = (path: string): readonly Source[] | string =>
    files[path] === undefined ? 'no such file' : [textSource(files[path], path, 1)];
  const chain = read(text, { include }).firewall.chains.get('nft/inet/t/input');
  return (chain?.rules ?? []).map(({ match, action }) => {
    const tests = match.kind === 'and' ? match.of : [match];
    const test = tests.find((part) => part.kind === 'number' && part.field === 'destinationPort');
    return test?.kind === 'number' ? test.values[0]![0] : `${match.kind} ${action.kind}`;
  });
}

const base = 'flush ruleset\nadd table inet t\nadd chain inet t input\n';
const add = (port: number, where = ''): string => `add rule inet t input ${where} tcp dport ${port} accept\n`;

describe('a listing', () => {
  it('may stand between prompts of a terminal', () => {
    const rules = 'table inet t {\n  chain input {\n    tcp dport 1 accept\n  }\n}\n';
    const text = `user@box:~$ sudo nft list ruleset\n${rules}user@box:~$ \n`;
    expect(read(text).diagnostics).toEqual([]);
    expect(ports(text)).toEqual([1]);
    expect(read(`[root@box ~]# nft list ruleset\n${rules}`).diagnostics).toEqual([]);
  });
});

describe('scripts are replayed', () => {
  it('takes position 0 for no position', () => {
    const script = `${base}${add(1)}insert rule inet t input position 0 tcp dport 2 accept\n${add(3, 'position 0')}`;
    expect(ports(script)).toEqual([2, 1, 3]);
    expect(read(script).diagnostics).toEqual([]);
  });

  it('appends, inserts and places rules by index', () => {
    const script = `${base}${add(1)}${add(2)}insert rule inet t input tcp dport 3 accept\n${add(4, 'index 0')}insert rule inet t input index 1 tcp dport 5 accept\n`;
    expect(ports(script)).toEqual([3, 5, 4, 1, 2]);
  });

  it('knows handles from a listing in the same input', () => {
    const listing = `table inet t { # handle 7
  chain input { # handle 1
    tcp dport 1 accept # handle 2
    tcp dport 2 accept # handle 3
    tcp dport 3 accept # handle 4
  }
}
`;
    const script = `${listing}delete rule inet t input handle 3
replace rule inet t input handle 2 tcp dport 9 accept
add rule inet t input position 2 tcp dport 8 accept
insert rule inet t input handle 4 tcp dport 7 accept
`;
    // The rule that replaces another has no handle of its own here; nft gives it a new one.
    expect(ports(script)).toContain(7);
    expect(ports(script).filter((port) => port === 2)).toEqual([]);
    expect(ports(script)).toContain(9);
  });

  it('keeps a chain open to anything when a command names a rule that nobody can see', () => {
    expect(ports(`${base}${add(1)}delete rule inet t input handle 99\n`)).toEqual(['unknown unknown', 1]);
  });

  it('deletes, flushes and renames', () => {
    expect(ports(`${base}${add(1)}flush chain inet t input\n${add(2)}`)).toEqual([2]);
    expect(ports(`${base}${add(1)}flush table inet t\n${add(3)}`)).toEqual([3]);
    expect(ports(`${base}${add(1)}delete table inet t\n${base}${add(4)}`)).toEqual([4]);
    expect(
      ports(
        `${base}add chain inet t other\nadd rule inet t other tcp dport 5 accept\ndelete chain inet t input\nrename chain inet t other input\n`,
      ),
    ).toEqual([5]);
    expect(ports(`${base}${add(1)}flush ruleset ip6\n`)).toEqual([1]);
    expect(ports(`${base}${add(1)}flush ruleset\n`)).toEqual([]);
  });

  it('merges repeated blocks', () => {
    expect(
      ports(
        'table inet t { chain input { tcp dport 1 accept; } }\ntable inet t { chain input { tcp dport 2 accept; } }\n',
      ),
    ).toEqual([1, 2]);
  });

  it('sees a variable as it is where it is used', () => {
    expect(
      ports(`define p = 1
table inet t {
  define q = 2
  chain input {
    tcp dport $p accept
    define p = 3
    tcp dport $p accept
    tcp dport { $q, 4 } accept
  }
}
redefine p = 5
add rule inet t input tcp dport $p accept
undefine p
`),
    ).toEqual([1, 3, 2, 5]);
  });

  it('does not see a variable of a block outside of it', () => {
    const reading = read(
      'table inet t {\n  define q = 2\n}\ntable inet t {\n  chain input { tcp dport $q accept; }\n}\n',
    );
    expect(reading.diagnostics.map(({ code }) => code)).toContain('FW1203');
    expect(reading.understood).toBe(0);
  });

  it('reads files that are included in a file, a table and a chain', () => {
    const files = {
      'a.nft': 'table inet t { chain input { tcp dport 1 accept; } }\n',
      'b.nft': 'chain input {\n  tcp dport 2 accept\n}\n',
      'c.nft': 'tcp dport 3 accept\ntcp dport 4 accept\n',
    };
    expect(
      ports(
        'include "a.nft"\ntable inet t {\n  include "b.nft"\n  chain input {\n    include "c.nft"\n  }\n}\n',
        files,
      ),
    ).toEqual([1, 2, 3, 4]);
  });

  it('takes a file that was not read for anything', () => {
    const text = `include "gone.nft"
table inet t {
  chain input {
    type filter hook input priority 0; policy drop;
    tcp dport 1 accept
  }
}
`;
    expect(ports(text)).toEqual(['unknown unknown', 1]);
    const reading = read(text);
    expect(reading.diagnostics.filter(({ code }) => code === 'FW1202')).toHaveLength(1);
    const input = reading.firewall.entries.find(
      ({ direction, family }) => direction === 'in' && family === 'ipv6',
    )!;
    expect(input.stages.map(({ hook }) => hook)).toEqual(['prerouting', 'input', 'input']);
    expect(
      ports('table inet t {\n  chain input {\n    tcp dport 1 accept\n    include "gone.nft"\n  }\n}\n'),
    ).toEqual([1, 'unknown unknown']);
  });

  it('stops files that include each other', () => {
    const reading = read('include "self.nft"\n', { include: () => [textSource('include "self.nft"\n')] });
    expect(reading.diagnostics.map(({ message }) => message).join()).toContain('16 deep');
  });

  it('adds to sets and takes from them', () => {
    const { firewall } = read(`${base}add set inet t s { type inet_service; flags interval; }
add element inet t s { 1, 2-3, 4 }
delete element inet t s { 2-3 }
add element inet t s { 9 }
`);
    expect(firewall.sets.get('nft/inet/t/s')?.elements.map(({ parts }) => parts)).toEqual([
      [{ kind: 'number', values: [1, 1] }],
      [{ kind: 'number', values: [4, 4] }],
      [{ kind: 'number', values: [9, 9] }],
    ]);
    expect(firewall.sets.get('nft/inet/t/s')?.closed).toBe(true);
  });
});

describe('variables of the command line', () => {
  const table = (port: string): string =>
    `table inet t {\n  chain input {\n    type filter hook input priority 0; policy drop;\n    tcp dport ${port} accept\n  }\n}\n`;
  const given = (entries: Readonly<Record<string, string>>) => ({
    definitions: new Map(Object.entries(entries)),
  });

  it('are there from the start, as nft -D gives them', () => {
    const reading = read(table('$ports'), given({ ports: '{ 22, $web }', web: '80-81' }));
    // A value may use those before it only.
    expect(reading.diagnostics.map(({ code }) => code)).toEqual(['FW1203']);
    const right = read(table('$ports'), given({ web: '80-81', ports: '{ 22, $web }' }));
    expect(right.diagnostics.map(({ code }) => code)).toEqual([]);
    expect(right.understood).toBe(1);
  });

  it.each([
    ['define p = 22\n', { p: '80' }, 'the variable "p" is given on the command line already'],
    [
      'define p = 22\ndefine p = 80\n',
      {},
      'the variable "p" is defined already; "redefine" gives it another value',
    ],
    ['', { p: '22 }' }, 'nft does not read 22 } as the value of the variable p'],
  ])('%j with %j is refused, as nft does', (start, definitions, message) => {
    const { diagnostics } = read(`${start}${table('$p')}`, given(definitions as Record<string, string>));
    expect(diagnostics[0]).toMatchObject({ code: 'FW1201', message });
  });
});

describe('a chain gets another name', () => {
  const listing = `table inet t { # handle 1
  map m { # handle 4
    type inet_service : verdict
    elements = { 24 : jump a }
  }
  chain a { # handle 1
    tcp dport 22-26 accept # handle 5
  }
  chain input { # handle 3
    type filter hook input priority filter; policy drop;
    tcp dport 22 jump a # handle 6
    tcp dport vmap { 23 : goto a } # handle 8
    tcp dport vmap @m # handle 9
    meta nfproto ipv4 jump {
      tcp dport 25 jump a
    } # handle 12
  }
}
`;
  const verdicts = async (text: string): Promise<string> => {
    const { query } = await ask(textSource(text));
    return [22, 23, 24, 25, 26]
      .map((port) => query(packetOf(['tcp', String(port), 'from', '192.0.2.1'])).verdict)
      .join(' ');
  };
  const messages = (text: string): string[] =>
    read(text).diagnostics.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []));

  it('and is called still by all that called it', async () => {
    const text = `${listing}rename chain inet t a b\n`;
    expect(messages(text)).toEqual([]);
    expect(await verdicts(text)).toBe('allow allow allow allow deny');
  });

  it('which it has from the end of the transaction on', async () => {
    const text = `${listing}rename chain inet t a b\nadd rule inet t input tcp dport 26 jump a\n`;
    expect(messages(text)).toEqual([]);
    expect(await verdicts(text)).toBe('allow allow allow allow allow');
    expect(messages(text.replace('26 jump a', '26 jump b'))).toEqual([
      'chain "a" has its new name "b" from the end of the file on only',
    ]);
  });

  it('that is free, if the kernel holds the chain', () => {
    expect(messages(`${listing}rename chain inet t a input\n`)).toEqual(['there is a chain "input" already']);
    expect(messages(`${base}rename chain inet t input other\n`)).toEqual([
      'chain "input" is made in this file, and nft renames only chains that were loaded before',
    ]);
  });
});
