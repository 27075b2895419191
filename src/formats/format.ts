import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AddressRange, Family } from '../packets/fields.ts';
import type { Firewall, FormatName } from '../model/firewall.ts';
import type { Source } from '../source/source.ts';
import type { Passage } from './passage.ts';

/** A format's reading of one source. */
export interface Reading {
  readonly firewall: Firewall;
  readonly diagnostics: readonly Diagnostic[];
  /** Rules written in the source. */
  readonly rules: number;
  /** Of those, the ones whose every part is modelled; a known condition that a file cannot settle counts. */
  readonly understood: number;
  readonly families: readonly Family[];
  /** Parts of the source that another format reads. */
  readonly passages?: readonly Passage[];
}

/** Facts about the host or the run that the export does not hold. */
export interface ReadOptions {
  /** `--dialect`; else detected. */
  readonly dialect?: string;
  /** Addresses of the host, by interface where known (`--local-address eth0=192.0.2.1`). */
  readonly localAddresses: readonly LocalAddress[];
  /** Interfaces known to have no address at all (`--local-address gif0=`). */
  readonly bareInterfaces?: readonly string[];
  /** pf table contents and other named files given on the command line, by name. */
  readonly tables: ReadonlyMap<string, Source>;
  /** `--empty-anchors`: pf anchors whose rules no input holds are taken to hold none. */
  readonly emptyAnchors?: boolean;
  /** Reads an included file inside the allowed folders; a string is the reason it was refused. */
  readonly include: (path: string, from: Source) => readonly Source[] | string;
  /** `--define NAME=VALUE`: what `pfctl -D`, `nft -D` or a script's environment would give, by name. */
  readonly definitions: ReadonlyMap<string, string>;
}

export interface LocalAddress {
  readonly interface?: string;
  readonly family: Family;
  readonly range: AddressRange;
}

/** How well a source fits a format: 0 not at all, 1 certainly. Compared between formats; the highest wins. */
export interface Detection {
  readonly score: number;
  /** For instance `iptables-save`, `nft-json`, `pfctl-sr`, `netsh`. */
  readonly dialect: string;
}

/** One vendor format: detection and the whole way from text to model. Must not throw on any text. */
export interface Format {
  readonly name: FormatName;
  readonly title: string;
  readonly detect: (source: Source) => Detection | undefined;
  readonly read: (source: Source, detection: Detection, options: ReadOptions) => Reading;
  /**
   * Reads several sources of one host that complete each other (rules in one, their filters or the profile settings in another). One
   * reading a source, in order; the first one's firewall is that of all, the others' have no entries. Absent: each is read alone.
   */
  readonly readTogether?: (inputs: readonly DetectedSource[], options: ReadOptions) => readonly Reading[];
}

export interface DetectedSource {
  readonly source: Source;
  readonly detection: Detection;
}
