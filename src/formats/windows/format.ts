import { parseRegistryFile } from '../../../grammars/windows/registry-file.ts';
import { parseRegistryQuery } from '../../../grammars/windows/registry-query.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import type { Detection, Format, Reading } from '../format.ts';
import { readClixmlObjects } from './clixml-objects.ts';
import { readCsp } from './csp-reader.ts';
import { readCsvObjects } from './csv-objects.ts';
import { detectWindows, sampleSize } from './detect.ts';
import type { ExportedObject } from './exported-object.ts';
import { readJsonObjects } from './json-objects.ts';
import { readListObjects } from './list-objects.ts';
import { lowerWindows } from './lower.ts';
import { readMmc } from './mmc-reader.ts';
import { readNetshCommands } from './netsh-commands-reader.ts';
import { netshLanguageOf, readNetsh } from './netsh-reader.ts';
import { readPolicyReport } from './policy-report.ts';
import { readPowershellObjects } from './powershell-rules.ts';
import { readRegistry } from './registry-reader.ts';
import { unknownLanguage } from './unknown-language.ts';
import type { WindowsFacts } from './windows-rule.ts';

function read(source: Source, detection: Detection): Reading {
  return lowerWindows(factsOf(source, detection.dialect), source);
}

function factsOf(source: Source, dialect: string): WindowsFacts {
  if (dialect.startsWith('netsh-') && dialect !== 'netsh-commands') {
    const language = netshLanguageOf(source.text.slice(0, sampleSize));
    return language === undefined ? unknownLanguage(source) : readNetsh(source, language);
  }
  switch (dialect) {
    case 'netsh-commands':
      return readNetshCommands(source);
    case 'reg-query':
      return readRegistry(parseRegistryQuery(source.text), source, dialect);
    case 'powershell-json':
      return objectFacts(source, dialect, readJsonObjects);
    case 'powershell-csv':
      return objectFacts(source, dialect, readCsvObjects);
    case 'powershell-list':
      return objectFacts(source, dialect, readListObjects);
    case 'clixml':
      return objectFacts(source, dialect, readClixmlObjects);
    case 'mmc':
      return readMmc(source);
    case 'csp':
      return readCsp(source);
    case 'policy-report':
      return readPolicyReport(source);
    default:
      return readRegistry(parseRegistryFile(source.text), source, dialect);
  }
}

function objectFacts(
  source: Source,
  dialect: string,
  readObjects: (source: Source, diagnostics: Diagnostic[]) => readonly ExportedObject[],
): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const facts = readPowershellObjects(readObjects(source, diagnostics), dialect);
  return { ...facts, diagnostics: [...diagnostics, ...facts.diagnostics] };
}

/** Windows Defender Firewall, in every shape that Windows exports it. */
export const windowsFormat: Format = {
  name: 'windows',
  title: 'Windows Defender Firewall',
  detect: detectWindows,
  read,
};
