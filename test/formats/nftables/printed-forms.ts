/** One ruleset in every form in which the tools print it, and what the audit says of each. */
import { audit, type AuditOptions } from '../../../src/audit.ts';
import type { Exposure } from '../../../src/report/report.ts';
import { addressValue } from '../../kernel/addresses.ts';
import type { RulesetKind } from '../../kernel/lab.ts';
import type { CommandResult } from '../../kernel/run-command.ts';
import { runCommand } from '../../kernel/run-command.ts';
import { localAddresses } from '../../kernel/topology.ts';

const options: AuditOptions = {
  host: true,
  directions: ['in', 'forward', 'out'],
  localAddresses: localAddresses.flatMap(({ name, ipv4, ipv6 }) =>
    [ipv4, ipv6].map((address) => {
      const value = addressValue(address);
      return {
        interface: name,
        family: address === ipv4 ? 'ipv4' : 'ipv6',
        range: [value, value],
      } as const;
    }),
  ),
};

/** What is open, whatever the words are that say it: without rules, conditions and what is known of the ports. */
export type OpenRow = Pick<
  Exposure,
  'direction' | 'family' | 'protocol' | 'ports' | 'certainty' | 'from' | 'scope'
>;

export interface Audited {
  readonly rows: readonly OpenRow[];
  readonly rules: number;
  readonly understood: number;
  /** Codes of what was not read as it was meant. */
  readonly errors: readonly string[];
}

export async function auditText(text: string, path: string): Promise<Audited> {
  const { exposures, inputs, diagnostics } = await audit([{ id: 0, path, text, encoding: 'utf-8' }], options);
  return {
    rows: exposures.map(({ direction, family, protocol, ports, certainty, from, scope }) => ({
      ...{ direction, family, protocol, ports, certainty, from, scope },
    })),
    rules: inputs[0]?.rules ?? 0,
    understood: inputs[0]?.understood ?? 0,
    errors: diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message }) => `${code} ${message}`),
  };
}

const loaders: Readonly<Record<Exclude<RulesetKind, 'ipset'>, readonly string[]>> = {
  'iptables-legacy': ['iptables-legacy-restore', '-w'],
  'iptables-nft': ['iptables-nft-restore', '-w'],
  'ip6tables-legacy': ['ip6tables-legacy-restore', '-w'],
  'ip6tables-nft': ['ip6tables-nft-restore', '-w'],
  nft: ['nft', '-f', '-'],
};

/** A network namespace with nothing in it but the ruleset. */
export class PrintShop {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  static async open(name: string): Promise<PrintShop> {
    const made = await runCommand(['ip', 'netns', 'add', name]);
    if (made.code !== 0) throw new Error(made.stderr);
    return new PrintShop(name);
  }

  async close(): Promise<void> {
    await runCommand(['ip', 'netns', 'delete', this.#name]);
  }

  run(command: readonly string[], input = ''): Promise<CommandResult> {
    return runCommand(['ip', 'netns', 'exec', this.#name, ...command], input);
  }

  /** Loads a text in place of what was there; what the loader said if it refused. */
  async load(kind: Exclude<RulesetKind, 'ipset'>, text: string): Promise<string | undefined> {
    await this.run(['nft', 'flush', 'ruleset']);
    const { code, stderr } = await this.run(loaders[kind], text);
    return code === 0 ? undefined : stderr;
  }

  async print(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(['nft', ...words, 'list', 'ruleset']);
    if (code !== 0) throw new Error(`nft ${words.join(' ')} list ruleset: ${stderr}`);
    return stdout;
  }
}
