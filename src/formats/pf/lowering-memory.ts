import type { FilterOption, InterfaceTerm } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Match } from '../../model/match.ts';
import type { LoweredOptions } from './filter-options.ts';
import type { Hosts } from './hosts.ts';
import type { Ports } from './ports.ts';

interface OfDirection<T> {
  readonly in: T;
  readonly out: T;
}

/** By the number of a list. */
type ByNumber<T> = (T | undefined)[];

/**
 * What has been made of the parts that rules share (see SharedRules). Only what a part means wherever it stands: what a table's name
 * means depends on the anchor.
 */
export class LoweringMemory {
  readonly hosts: Readonly<Record<'source' | 'destination', OfDirection<ByNumber<Hosts>>>> = {
    source: { in: [], out: [] },
    destination: { in: [], out: [] },
  };
  readonly addresses: Readonly<Record<'source' | 'destination', RecentTexts<Hosts>>> = {
    source: new RecentTexts(),
    destination: new RecentTexts(),
  };
  readonly ports: ByNumber<Ports> = [];
  readonly portTests: Readonly<Record<'sourcePort' | 'destinationPort', Map<Ports, Match>>> = {
    sourcePort: new Map(),
    destinationPort: new Map(),
  };
  readonly interfaces: OfDirection<Map<readonly InterfaceTerm[], Match>> = { in: new Map(), out: new Map() };
  readonly options: OfDirection<Map<readonly FilterOption[], LoweredOptions>> = {
    in: new Map(),
    out: new Map(),
  };
  readonly protocols = new Map<readonly PfToken[], readonly (number | undefined)[]>();
}

/** Must be a power of two. */
const remembered = 4096;

/**
 * The last few thousand texts and what they mean. Where all texts differ, a table of all of them costs more than it saves, and where
 * few do, most are still here.
 */
export class RecentTexts<T> {
  private readonly texts: (string | undefined)[] = new Array<undefined>(remembered).fill(undefined);
  private readonly values: (T | undefined)[] = new Array<undefined>(remembered).fill(undefined);
  private slot = 0;

  get(text: string): T | undefined {
    let hash = 0;
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    this.slot = (hash ^ (hash >>> 12)) & (remembered - 1);
    return this.texts[this.slot] === text ? this.values[this.slot] : undefined;
  }

  /** Of the text that was asked for last. */
  set(text: string, value: T): void {
    this.texts[this.slot] = text;
    this.values[this.slot] = value;
  }
}
