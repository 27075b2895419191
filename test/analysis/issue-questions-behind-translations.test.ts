import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { createQuery } from '../../src/query.ts';
import type { Source } from '../../src/source/source.ts';

const ports = Array.from({ length: 40 }, (_, i) => 4000 + 7 * i);

/** Translations to what the listing does not say, and after them rules that hang on what no file can tell. */
function ruleset(conditionOfTranslation: string): Source {
  const translations = ports
    .slice(0, 6)
    .map((_, i) => `iifname "eth0" tcp dport ${8080 + i} ${conditionOfTranslation} xt target "DNAT"`);
  const accepts = ports.map((port) => `tcp dport ${port} limit rate 5/second accept`);
  const text = `table ip nat {
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		${translations.join('\n\t\t')}
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		${accepts.join('\n\t\t')}
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
}
`;
  return { id: 0, path: 'rules.nft', text, encoding: 'utf-8' };
}

/** Each set of the rules' answers had translated ports of its own: 20 rules took 11 seconds and then more nodes than there are. */
test.each(['', 'xt match "statistic"'])(
  'questions behind translations do not multiply: %s',
  async (condition) => {
    const source = ruleset(condition);
    const maxNodes = 300_000;
    const { exposures, diagnostics } = await audit([source], { maxNodes });
    expect(diagnostics.filter(({ code }) => code === 'FW1007')).toEqual([]);
    const rows = exposures.filter(({ family, protocol, direction }) => {
      return family === 'ipv4' && protocol === 'tcp' && direction === 'in';
    });
    // Which rules let a row's packets in must not take more nodes either.
    const translated = rows.find((row) => row.ports?.from === 8080)!;
    const lines = translated.rules.map(({ line }) => line);
    expect(lines).toEqual(expect.arrayContaining(ports.map((_, i) => 15 + i)));
    const accepting = rows.find((row) => row.ports?.from === ports[3])!;
    expect(accepting.rules.map(({ line }) => line)).toEqual([15 + 3]);

    const { query } = await createQuery([source], { maxNodes });
    const verdict = (destinationPort: number): string =>
      query({ protocol: 'tcp', source: '198.51.100.7', destinationPort, inInterface: 'eth0' }).verdict;
    expect([8080, ports[39]!, 22].map(verdict)).toEqual(['conditional', 'conditional', 'deny']);
  },
);
