import type { NetshLanguage } from '../../../grammars/windows/netsh-language.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { NetshReader } from './netsh-reader.ts';
import type { ProfileSettings, WindowsFacts, WindowsRule } from './windows-rule.ts';

/** `netsh advfirewall firewall show rule` and `show allprofiles`, in any mixture of the two. */
export function readNetsh(source: Source, language: NetshLanguage): WindowsFacts {
  return new NetshFacts(source, language);
}

/** What the listing says, read while its rules are asked for: a large one would fill the memory with rules before they are lowered. */
class NetshFacts implements WindowsFacts {
  readonly rules: Iterable<WindowsRule>;
  #reader: NetshReader;

  constructor(source: Source, language: NetshLanguage) {
    this.#reader = new NetshReader(source, language);
    this.rules = {
      [Symbol.iterator]: () => {
        this.#reader = new NetshReader(source, language);
        return this.#reader.rules();
      },
    };
  }

  get dialect(): string {
    return this.#reader.dialect;
  }

  get profiles(): readonly ProfileSettings[] {
    return this.#reader.profiles;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#reader.diagnostics;
  }

  get assumptions(): readonly string[] {
    return this.#reader.assumptions;
  }
}
