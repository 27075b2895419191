import { parseRegistryFile } from '../../../grammars/windows/registry-file.ts';
import type { Detection, Format, Reading } from '../format.ts';
import type { Source } from '../../source/source.ts';
import { lowerWindows } from './lower.ts';
import { netshLanguageOf, readNetsh } from './netsh-reader.ts';
import { readRegistry } from './registry-reader.ts';
import type { WindowsFacts } from './windows-rule.ts';

/** How much of a text detection looks at. */
const sampleSize = 1 << 18;

function detect(source: Source): Detection | undefined {
  const sample = source.text.slice(0, sampleSize);
  if (/^\ufeff?\s*(?:Windows Registry Editor Version|REGEDIT4)/.test(sample))
    return { score: 1, dialect: 'reg' };
  const language = netshLanguageOf(sample);
  if (language !== undefined) return { score: 0.95, dialect: `netsh-${language.code}` };
  return undefined;
}

function read(source: Source, detection: Detection): Reading {
  return lowerWindows(factsOf(source, detection.dialect), source.id);
}

function factsOf(source: Source, dialect: string): WindowsFacts {
  const language = netshLanguageOf(source.text.slice(0, sampleSize));
  if (dialect.startsWith('netsh') && language !== undefined) return readNetsh(source, language);
  return readRegistry(parseRegistryFile(source.text), source, 'reg');
}

/** Windows Defender Firewall, in every shape that Windows exports it. */
export const windowsFormat: Format = { name: 'windows', title: 'Windows Defender Firewall', detect, read };
