import { builtInPolicyTexts } from '../generated/built-in-policies.ts';
import { validate } from '../generated/validate-policy.js';
import type { Severity } from '../report/report.ts';
import type { Source } from '../source/source.ts';
import { lowerEntries } from './entries.ts';
import type { EntryData } from './entries.ts';
import { overlapDiagnostics } from './overlaps.ts';
import { nearestName } from './nearest-name.ts';
import type { AllowEntry, Policy, PolicyDiagnostic, PolicyEntry } from './policy-types.ts';
import { readPolicyYaml } from './policy-yaml.ts';
import { pathOf, schemaDiagnostics } from './schema-errors.ts';

/** Finds the policy that `extends` names; a string is the reason why there is none. Asked only for what is not built in. */
export type ResolvePolicy = (name: string, from: Source) => Source | string;

export interface LoadedPolicy {
  /** Undefined if any diagnostic is an error. */
  readonly policy: Policy | undefined;
  readonly diagnostics: readonly PolicyDiagnostic[];
}

export const builtInPolicyNames: readonly string[] = [...builtInPolicyTexts.keys()];

/** A built-in policy as a source whose path is its name. */
export function builtInPolicy(name: string): Source | undefined {
  const text = builtInPolicyTexts.get(name);
  return text === undefined ? undefined : { id: -1, path: name, text, encoding: 'utf-8' };
}

/** Reads, checks and merges a policy with all it extends. Never throws on any text. */
export function loadPolicy(source: Source, resolve: ResolvePolicy): LoadedPolicy {
  return loadPolicies([source], resolve);
}

/**
 * Several files are one policy: their lists are joined in the order given (the caller sorts a folder's files by name), a later
 * file's `severity` and `justification` replace an earlier one's. What a file extends counts before the file itself; a file that
 * is reached twice counts once, where it is first met.
 */
export function loadPolicies(sources: readonly Source[], resolve: ResolvePolicy): LoadedPolicy {
  const draft: Draft = {
    allow: [],
    deny: [],
    require: [],
    closed: false,
    severity: new Map(),
    inputs: [],
    remindDays: 30,
    fields: new Set(),
    diagnostics: [],
    done: new Set(),
  };
  for (const source of sources) loadInto(draft, source, resolve, []);
  for (const diagnostic of [...incomplete(draft), ...overlapDiagnostics(draft.allow, draft.deny)])
    draft.diagnostics.push(diagnostic);
  const failed = draft.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  const policy: Policy = {
    path: sources.map((source) => source.path).join(', '),
    files: sources.map((source) => source.path),
    allow: draft.allow,
    deny: draft.deny,
    require: draft.require,
    closed: draft.closed,
    severity: draft.severity,
    inputs: draft.inputs,
    remindDays: draft.remindDays,
  };
  return { policy: failed ? undefined : policy, diagnostics: inFileOrder(draft.diagnostics) };
}

/** By place inside each file; files stay in the order they were met. */
function inFileOrder(diagnostics: readonly PolicyDiagnostic[]): PolicyDiagnostic[] {
  const order = new Map<string, number>();
  for (const { location } of diagnostics) if (!order.has(location.path)) order.set(location.path, order.size);
  return [...diagnostics].sort(
    (a, b) =>
      order.get(a.location.path)! - order.get(b.location.path)! ||
      a.location.line - b.location.line ||
      a.location.column - b.location.column,
  );
}

/** Longer chains of `extends` are taken for a circle whose paths never repeat (`../x/../x/…`). */
const deepest = 50;

interface Draft {
  readonly allow: AllowEntry[];
  readonly deny: PolicyEntry[];
  readonly require: PolicyEntry[];
  closed: boolean;
  readonly severity: Map<string, Severity>;
  readonly inputs: string[];
  remindDays: number;
  readonly fields: Set<'owner' | 'ticket' | 'expires'>;
  readonly diagnostics: PolicyDiagnostic[];
  readonly done: Set<string>;
}

interface PolicyData {
  readonly extends?: readonly string[];
  readonly inputs?: readonly string[];
  readonly allow?: readonly EntryData[];
  readonly deny?: readonly EntryData[];
  readonly require?: readonly EntryData[];
  readonly severity?: Readonly<Record<string, Severity>>;
  readonly justification?: {
    readonly fields?: readonly ('owner' | 'ticket' | 'expires')[];
    readonly remindDays?: number;
  };
}

function loadInto(draft: Draft, source: Source, resolve: ResolvePolicy, above: readonly string[]): void {
  if (draft.done.has(source.path)) return;
  draft.done.add(source.path);
  const yaml = readPolicyYaml(source);
  for (const diagnostic of yaml.diagnostics) draft.diagnostics.push(diagnostic);
  if (yaml.diagnostics.length > 0) return;
  validate(yaml.data);
  const errors = validate.errors ?? [];
  for (const diagnostic of schemaDiagnostics(errors, yaml)) draft.diagnostics.push(diagnostic);
  // What has the wrong shape is left out, so that the rest can still be checked and every mistake is told at once.
  const broken = new Set(
    errors
      .filter((error) => error.keyword !== 'additionalProperties')
      .map((error) => pathOf(error.instancePath).slice(0, 2).join('/')),
  );
  if (broken.has('') && (typeof yaml.data !== 'object' || yaml.data === null)) return;
  const data = yaml.data as PolicyData;
  const good = <K extends keyof PolicyData>(key: K): PolicyData[K] | undefined =>
    broken.has(key) ? undefined : data[key];

  for (const [index, name] of (good('extends') ?? []).entries()) {
    if (broken.has(`extends/${index}`)) continue;
    const location = yaml.locate(['extends', index], 'value');
    const found = builtInPolicy(name) ?? resolve(name, source);
    if (typeof found === 'string') {
      const near = nearestName(name, builtInPolicyNames);
      draft.diagnostics.push({
        code: 'FW3001',
        severity: 'error',
        message: `cannot extend “${name}”: ${found}`,
        help:
          near === undefined
            ? `Write a path, or one of ${builtInPolicyNames.join(', ')}.`
            : `Did you mean “${near}”?`,
        location,
      });
    } else if (found.path === source.path || above.includes(found.path) || above.length >= deepest) {
      const circle = [...above.slice(Math.max(0, above.indexOf(found.path))), source.path, found.path];
      draft.diagnostics.push({
        code: 'FW3010',
        severity: 'error',
        message: `policies extend each other in a circle: ${circle.join(' → ')}`,
        help: 'Take one of them out of “extends”.',
        location,
      });
    } else loadInto(draft, found, resolve, [...above, source.path]);
  }

  const folder = source.path.split('/').slice(0, -1).join('/');
  for (const glob of good('inputs') ?? []) draft.inputs.push(folder === '' ? glob : `${folder}/${glob}`);
  for (const list of ['allow', 'deny', 'require'] as const) {
    const lowered = lowerEntries(good(list) ?? [], list, source, yaml, broken);
    for (const diagnostic of lowered.diagnostics) draft.diagnostics.push(diagnostic);
    for (const entry of lowered.entries) draft[list].push(entry);
  }
  if (good('allow') !== undefined) draft.closed = true;
  for (const [name, severity] of Object.entries(good('severity') ?? {}))
    if (!broken.has(`severity/${name}`)) draft.severity.set(name, severity);
  const justification = good('justification');
  if (justification?.remindDays !== undefined && !broken.has('justification/remindDays'))
    draft.remindDays = justification.remindDays;
  if (!broken.has('justification/fields'))
    for (const field of justification?.fields ?? []) draft.fields.add(field);
}

/** Allow entries that lack a field which `justification.fields` demands, of whatever file. */
function incomplete(draft: Draft): PolicyDiagnostic[] {
  return draft.allow.flatMap((entry) =>
    [...draft.fields]
      .filter((field) => entry[field] === undefined)
      .map((field) => ({
        code: 'FW3012' as const,
        severity: 'error' as const,
        message: `the entry for ${entry.portsText} has no “${field}”, which this policy demands`,
        help: builtInPolicyTexts.has(entry.file)
          ? `Copy the entry from the built-in policy ${entry.file} into your own and add ${field}: there.`
          : `Add ${field}: ${field === 'expires' ? 'and the last day it counts, YYYY-MM-DD' : 'to the entry'}.`,
        location: entry.location,
      })),
  );
}
