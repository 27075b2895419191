import { EmbeddedActionsParser, type IParserConfig, type TokenType, type TokenVocabulary } from 'chevrotain';

/**
 * Base of all grammars: recovery may skip to a known place, but never makes up or deletes a token.
 *
 * Chevrotain's default would read `--dport -j ACCEPT` as if a port stood there, without marking it; an auditor must not.
 * Grammar validation costs more than parsing a small file, so only the tests ask for it.
 */
export abstract class StrictParser extends EmbeddedActionsParser {
  protected constructor(vocabulary: TokenVocabulary, config: IParserConfig = {}) {
    super(vocabulary, { recoveryEnabled: false, skipValidations: !validateGrammars, ...config });
  }

  protected override canTokenTypeBeInsertedInRecovery(_type: TokenType): boolean {
    return false;
  }

  protected override canTokenTypeBeDeletedInRecovery(_type: TokenType): boolean {
    return false;
  }
}

let validateGrammars = false;

/** Makes every parser built from now on check its grammar for ambiguities. For tests. */
export function validateGrammarsFromNowOn(): void {
  validateGrammars = true;
}
