import { parseLgpoText } from '../../../grammars/windows/lgpo-text.ts';
import { parseRegistryFile } from '../../../grammars/windows/registry-file.ts';
import { parseRegistryQuery } from '../../../grammars/windows/registry-query.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Firewall } from '../../model/firewall.ts';
import type { Source } from '../../source/source.ts';
import type { DetectedSource, Detection, Format, Reading } from '../format.ts';
import { readClixmlObjects } from './clixml-objects.ts';
import { readCsp } from './csp-reader.ts';
import { readCsvObjects } from './csv-objects.ts';
import { detectWindows, isLgpoText, sampleSize } from './detect.ts';
import type { ExportedObject } from './exported-object.ts';
import { readJsonObjects } from './json-objects.ts';
import { readListObjects } from './list-objects.ts';
import { lowerWindows } from './lower.ts';
import { readMmc } from './mmc-reader.ts';
import { readNetshCommands } from './netsh-commands-reader.ts';
import { netshLanguageOf } from './netsh-language-of.ts';
import { readNetsh } from './netsh-facts.ts';
import { readPolicyReport } from './policy-report.ts';
import { readPowershellScript } from './powershell-script-reader.ts';
import { readPowershellObjects } from './powershell-rules.ts';
import { readRegistry } from './registry-reader.ts';
import { readTableObjects } from './table-objects.ts';
import { unknownKind, unknownLanguage } from './unknown-input.ts';
import type { WindowsFacts } from './windows-rule.ts';

type ObjectReader = (source: Source, diagnostics: Diagnostic[]) => readonly ExportedObject[];

/** Kinds that hold PowerShell's objects, which are joined across files. */
const objectReaders = new Map<string, ObjectReader>([
  ['collector', readJsonObjects],
  ['graph', readJsonObjects],
  ['powershell-json', readJsonObjects],
  ['powershell-csv', readCsvObjects],
  ['powershell-list', readListObjects],
  ['powershell-table', readTableObjects],
  ['clixml', readClixmlObjects],
]);

function read(source: Source, detection: Detection): Reading {
  return readTogether([{ source, detection }])[0]!;
}

/** Sources of one host: filters find their rules, and profile settings and policy count for all. */
function readTogether(inputs: readonly DetectedSource[]): readonly Reading[] {
  const all: WindowsFacts[] = [];
  const diagnostics: Diagnostic[] = [];
  const objects: ExportedObject[] = [];
  const objectDialects = new Set<string>();
  for (const { source, detection } of inputs) {
    const readObjects = objectReaders.get(detection.dialect);
    if (readObjects === undefined) all.push(factsOf(source, detection.dialect));
    else {
      for (const object of readObjects(source, diagnostics)) objects.push(object);
      objectDialects.add(detection.dialect);
    }
  }
  if (objectDialects.size > 0) all.push(readPowershellObjects(objects, [...objectDialects].join(' + ')));
  const facts = joinFacts(all, diagnostics);
  const lowered = lowerWindows(facts);
  const messages =
    lowered.rules.size > 0 ? lowered.diagnostics : [...lowered.diagnostics, ...missingRules(facts, inputs)];
  return inputs.map(({ source, detection }, i): Reading => {
    const first = i === 0;
    const dialect = inputs.length === 1 ? facts.dialect : detection.dialect;
    return {
      firewall: first ? { ...lowered.firewall, dialect } : { ...nothing, dialect },
      diagnostics: first ? messages : [],
      rules: lowered.rules.get(source.id) ?? 0,
      understood: lowered.understood.get(source.id) ?? 0,
      families: ['ipv4', 'ipv6'],
    };
  });
}

const nothing: Firewall = {
  format: 'windows',
  dialect: '',
  entries: [],
  chains: new Map(),
  sets: new Map(),
  assumptions: [],
};

function joinFacts(all: readonly WindowsFacts[], diagnostics: readonly Diagnostic[]): WindowsFacts {
  const only = all.length === 1 ? all[0]! : undefined;
  if (only !== undefined && diagnostics.length === 0) return only;
  // First, for the facts are complete once their rules have been read.
  const rules = all.flatMap((facts) => [...facts.rules]);
  return {
    dialect: [...new Set(all.map(({ dialect }) => dialect))].join(' + '),
    rules,
    profiles: all.flatMap(({ profiles }) => profiles),
    diagnostics: [...diagnostics, ...all.flatMap((facts) => facts.diagnostics)],
    assumptions: [...new Set(all.flatMap(({ assumptions }) => assumptions))],
    lacks: (['local', 'policy'] as const).filter((store) => all.every(({ lacks }) => lacks?.includes(store))),
  };
}

/** Never “closed”: an export without a rule is one that went wrong, or holds something else. */
function missingRules(facts: WindowsFacts, inputs: readonly DetectedSource[]): readonly Diagnostic[] {
  if (facts.diagnostics.some(({ code }) => code === 'FW1401' || code === 'FW1003')) return [];
  const settings = facts.profiles.length > 0;
  return [
    {
      code: 'FW1005',
      severity: settings ? 'warning' : 'error',
      message: settings ? 'profile settings, but no rules were found' : 'no firewall rules were found',
      span: { source: inputs[0]!.source.id, start: 0, end: 0 },
      help: 'Give the rules too, and all files of a host with --host. The collector command that “fw-audit formats windows” prints exports everything at once.',
    },
  ];
}

function factsOf(source: Source, dialect: string): WindowsFacts {
  if (dialect.startsWith('netsh-') && dialect !== 'netsh-commands') {
    const language = netshLanguageOf(source.text.slice(0, sampleSize));
    return language === undefined ? unknownLanguage(source) : readNetsh(source, language);
  }
  switch (dialect) {
    case 'netsh-commands':
      return readNetshCommands(source);
    case 'powershell-script':
      return readPowershellScript(source);
    case 'reg':
    case 'registry-pol':
    case 'registry-hive':
      return readRegistry(
        isLgpoText(source.text.slice(0, sampleSize))
          ? parseLgpoText(source.text)
          : parseRegistryFile(source.text),
        source,
        dialect,
      );
    case 'reg-query':
      return readRegistry(parseRegistryQuery(source.text), source, dialect);
    case 'mmc':
      return readMmc(source);
    case 'csp':
      return readCsp(source);
    case 'policy-report':
      return readPolicyReport(source);
    default:
      return unknownKind(source);
  }
}

/** Windows Defender Firewall, in every shape that Windows exports it. */
export const windowsFormat: Format = {
  name: 'windows',
  title: 'Windows Defender Firewall',
  detect: detectWindows,
  read,
  readTogether,
};
