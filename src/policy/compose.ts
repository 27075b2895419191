import type { Exposure, ReportInput } from '../report/report.ts';
import { fromText } from '../report/row-text.ts';

/** An allow entry as it will be written, but for its reason. */
export interface NewEntry {
  readonly ports: readonly string[];
  readonly from: readonly string[] | undefined;
  readonly direction: Exposure['direction'];
  /** Undefined: all inputs. */
  readonly inputs: readonly string[] | undefined;
  readonly remarks: readonly string[];
}

/**
 * A first policy: what is open now as `allow` entries whose reasons are TODO, which `policy check` refuses. Deterministic; the text
 * parses and, once the reasons are filled in, justifies exactly the rows given. `paths` are the files, folders and globs that were
 * looked at, relative to the policy: what `fw-audit` is to check when it is run without a path.
 */
export function initialPolicy(
  exposures: readonly Exposure[],
  inputs: readonly ReportInput[],
  paths: readonly string[] = [],
): string {
  // Routing hosts are the exception: what the forward chain lets through by its policy alone is reported, and not justified here.
  const routed = exposures.some(isRoutedByDefault);
  const entries = entriesFor(
    exposures.filter((row) => !isRoutedByDefault(row)),
    inputs,
  );
  return `# What this firewall may open, and why. Checked by: fw-audit
# Replace each TODO by a reason, or close the port and remove its entry. An owner, a ticket and a last day help the next reader.
version: 1

# Built-in policies to build on: cis-linux-host, no-clear-text, pci-dss-1.2.5, web-server, windows-baseline.
# extends: [no-clear-text]

# What fw-audit checks when it is run without a path.
${paths.length === 0 ? '# inputs: [hosts/]' : `inputs: [${paths.map((path) => JSON.stringify(path)).join(', ')}]`}

# What is justified. Anything else that is open is reported as not-in-policy.
${routed ? '# Not listed: routed packets that no rule decides are accepted (default-accept). Let the forward policy drop.\n' : ''}${entries.length === 0 ? 'allow: []' : `allow:\n${entries.map(entryYaml).join('\n')}`}

# What must never be open, whoever justifies it.
# deny:
#   - port: 23/tcp
#     reason: Telnet is clear text

# What must stay open: the guard against locking yourself out.
# require:
#   - port: 22/tcp
#     from: [192.0.2.0/24]
#     reason: Admin access
`;
}

function isRoutedByDefault(row: Exposure): boolean {
  return row.direction === 'forward' && row.byDefault === true;
}

/** What to add under `allow:` so that everything that is open and not forbidden is justified. */
export function missingEntries(
  exposures: readonly Exposure[],
  inputs: readonly ReportInput[],
): readonly NewEntry[] {
  const rows = exposures
    .filter((row) => !isRoutedByDefault(row))
    .filter(({ policy }) => policy === null || policy.verdict === 'unlisted' || policy.verdict === 'expired');
  return entriesFor(rows, inputs);
}

/** Entries as YAML, to stand under `allow:`. */
export function entriesYaml(entries: readonly NewEntry[]): string {
  return entries.map((entry) => `${entryYaml(entry)}\n`).join('');
}

/** One entry for each port and its sources. Inputs that open the same share it, and so do TCP and UDP where all else is the same. */
function entriesFor(exposures: readonly Exposure[], inputs: readonly ReportInput[]): NewEntry[] {
  const byUse = new Map<string, { use: PortUse; inputs: Set<number>; remarks: Set<string> }>();
  for (const use of portUses(exposures, inputs)) {
    const key = JSON.stringify([use.direction, use.spec, use.from]);
    const known = byUse.get(key);
    if (known === undefined)
      byUse.set(key, { use, inputs: new Set([use.input]), remarks: new Set([use.remark]) });
    else {
      known.inputs.add(use.input);
      known.remarks.add(use.remark);
    }
  }
  const entries = new Map<string, NewEntry>();
  for (const { use, inputs: members, remarks } of byUse.values()) {
    const paths =
      members.size === inputs.length
        ? undefined
        : [...members].sort((a, b) => a - b).map((i) => inputs[i]!.path);
    const key = JSON.stringify([use.direction, use.ports, use.from, paths]);
    const known = entries.get(key);
    entries.set(key, {
      ports: [...(known?.ports ?? []), use.spec],
      from: use.from,
      direction: use.direction,
      inputs: paths,
      remarks: [...(known?.remarks ?? []), ...remarks],
    });
  }
  return [...entries.values()];
}

/** What one input opens of one port range and protocol, over both families. */
interface PortUse {
  readonly input: number;
  readonly direction: Exposure['direction'];
  readonly spec: string;
  readonly ports: string;
  readonly from: readonly string[] | undefined;
  readonly remark: string;
}

const anySource = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const;

function portUses(exposures: readonly Exposure[], inputs: readonly ReportInput[]): PortUse[] {
  const merged = new Map<string, { rows: Exposure[]; families: Set<'ipv4' | 'ipv6'> }>();
  for (const row of exposures) {
    const key = JSON.stringify([row.input, row.direction, specOf(row)]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { rows: [row], families: new Set([row.family]) });
    else {
      known.rows.push(row);
      known.families.add(row.family);
    }
  }
  return [...merged.values()].map(({ rows, families }) => {
    const row = rows[0]!;
    const covered = new Set(inputs[row.input]?.families ?? [row.family]);
    const open = [...families].sort();
    const isAny = (family: 'ipv4' | 'ipv6'): boolean =>
      rows.some((one) => one.family === family && one.from.some(({ sources }) => sources === undefined));
    const everywhere = [...covered].every((family) => families.has(family) && isAny(family));
    const from = everywhere
      ? undefined
      : open.flatMap((family) =>
          isAny(family)
            ? [anySource[family]]
            : [
                ...new Set(
                  rows
                    .filter((one) => one.family === family)
                    .flatMap((one) => one.from.flatMap(({ sources }) => sources ?? [])),
                ),
              ],
        );
    return {
      input: row.input,
      direction: row.direction,
      spec: specOf(row),
      ports: row.ports === null ? row.protocol : `${row.ports.from}-${row.ports.to}`,
      from,
      remark: remarkOn(row),
    };
  });
}

function specOf(row: Exposure): string {
  if (row.ports === null) return /^[0-9]+$/.test(row.protocol) ? `protocol-${row.protocol}` : row.protocol;
  const { from, to } = row.ports;
  return `${from === to ? from : `${from}-${to}`}/${row.protocol}`;
}

function remarkOn(row: Exposure): string {
  const service = row.assignment?.service ?? row.assignment?.status ?? row.protocol;
  const rule = row.rules[row.rules.length - 1];
  const where = rule === undefined ? '' : `, ${rule.path}:${rule.line}`;
  return `${service}, from ${fromText(row)}${row.certainty === 'possible' ? ' under a condition' : ''}${where}`;
}

function entryYaml({ ports, from, direction, inputs, remarks }: NewEntry): string {
  return [
    ...remarks.slice(0, 4).map((remark) => `  # ${remark.replace(/[^\x20-\x7e\u00a0-\u024f]+/g, ' ')}`),
    ...(remarks.length > 4 ? [`  # … and ${remarks.length - 4} more`] : []),
    ports.length === 1 ? `  - port: ${ports[0]!}` : `  - ports: [${ports.join(', ')}]`,
    ...(from === undefined ? [] : [`    from: [${from.map(scalar).join(', ')}]`]),
    ...(direction === 'in' ? [] : [`    direction: ${direction}`]),
    ...(inputs === undefined
      ? []
      : [`    inputs: [${inputs.map((path) => JSON.stringify(literalGlob(path))).join(', ')}]`]),
    '    reason: TODO',
  ].join('\n');
}

/** YAML reads `::/0` and the like as text only in quotes when inside a flow list. */
function scalar(text: string): string {
  return text.includes(':') ? JSON.stringify(text) : text;
}

/** A path as a glob that matches only it. */
function literalGlob(path: string): string {
  return path.replace(/[*?[{]/g, (character) => (character === '{' ? '[{]' : `[${character}]`));
}
