import { readable } from '../lowering.ts';
import { nftChanges } from './nft-effects.ts';
import { toolOf } from './tools.ts';

/** Programs that run none of their words, and those that only pass text on. */
const inert = new Set(
  'echo printf logger which type hash man whatis grep egrep fgrep zgrep ls cat rm cp mv ln chmod chown touch tee mkdir test wall alias sed diff'.split(
    ' ',
  ),
);

export function runsNothing(program: string): boolean {
  return inert.has(program);
}

const iptablesVerb =
  /^-(?:[A-Za-z]*[ADIRPNXFE]|-(?:append|insert|replace|delete|delete-chain|policy|new-chain|rename-chain|flush))$/;
const ipsetVerb =
  /^(?:add|create|del|destroy|flush|rename|restore|swap|-[ANDXFERW]|--(?:add|create|del|destroy|flush|rename|restore|swap))$/;

/** Whether words are a call of a tool that changes what packets meet. */
function changes(words: readonly string[]): boolean {
  const tool = toolOf(words);
  switch (tool?.kind) {
    case undefined:
      return false;
    case 'iptables':
      return tool.args.some((arg) => iptablesVerb.test(arg));
    case 'restore':
      return true;
    case 'ipset':
      return tool.args.some((arg) => ipsetVerb.test(arg));
    case 'nft':
      return tool.args.length > 0 && nftChanges(tool.args);
  }
}

/** Where among the words of a command that is not followed a call of a tool begins; -1 if there is none. */
export function callAmong(words: readonly string[]): number {
  return words.findIndex((word, i) => i > 0 && /(?:tables|ipset|nft)/i.test(word) && changes(words.slice(i)));
}

const toolInText =
  /(?:^|[\s;&|({"'`/])(?:ip6?tables(?:-legacy|-nft)?(?:-restore\b|(?:\s+[^\s;&|]+){0,6}?\s+-(?:[ADIRPNXFE]\b|-(?:append|insert|delete|flush|policy)))|ipset\s+(?:-\S+\s+)?(?:add|create|del|destroy|flush|restore|swap)\b|nft\s+(?:-\S+\s+)?(?:add|insert|create|delete|flush|-f)\b)/;

/** Whether a text holds a call of a tool, for all that a pattern can tell. */
export function holdsCall(text: string): boolean {
  return toolInText.test(readable(text));
}
