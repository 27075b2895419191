import type { FormatName } from '../model/firewall.ts';
import type { Source } from '../source/source.ts';
import type { Detection, Format } from './format.ts';
import { detectIptables } from './iptables/detect.ts';
import { loadIptables } from './iptables/load-format.ts';
import { detectNftables } from './nftables/detect.ts';
import { detectPf } from './pf/detect.ts';
import { detectWindows } from './windows/detect.ts';

interface RegisteredFormat {
  readonly name: FormatName;
  /** Looks at the text alone; loads no grammar. */
  readonly detect: (source: Source) => Detection | undefined;
  /** `dialect`: what the source is to be read as. */
  readonly load: (source: Source, dialect: string) => Promise<Format>;
}

/** Every format, one line each. Detection is light; grammars and lowering load when a file of the format is met. */
export const formats: readonly RegisteredFormat[] = [
  {
    name: 'iptables',
    detect: detectIptables,
    load: loadIptables,
  },
  {
    name: 'nftables',
    detect: detectNftables,
    load: async () => (await import('./nftables/format.ts')).nftablesFormat,
  },
  { name: 'pf', detect: detectPf, load: async () => (await import('./pf/format.ts')).pfFormat },
  {
    name: 'windows',
    detect: detectWindows,
    load: async () => (await import('./windows/format.ts')).windowsFormat,
  },
];

export interface DetectedFormat {
  readonly format: RegisteredFormat;
  readonly detection: Detection;
}

/** The best fitting format; `forced` (`--input-format`) leaves only that one, whatever the text looks like. */
export function detectFormat(source: Source, forced?: string): DetectedFormat | undefined {
  let best: DetectedFormat | undefined;
  for (const format of formats) {
    if (forced !== undefined && format.name !== forced) continue;
    const detection =
      format.detect(source) ?? (forced === undefined ? undefined : { score: 0, dialect: format.name });
    if (detection !== undefined && (best === undefined || detection.score > best.detection.score))
      best = { format, detection };
    // Nothing fits better than certainly.
    if (best?.detection.score === 1) break;
  }
  return best;
}
