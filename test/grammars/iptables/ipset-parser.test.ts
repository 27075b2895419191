import { describe, expect, test } from 'vitest';
import { IpsetParser } from '../../../grammars/iptables/ipset-parser.ts';

const parser = new IpsetParser();

describe('lines of ipset save', () => {
  test.each([
    ['create a hash:ip family inet', 'create', ['a', 'hash:ip', 'family', 'inet']],
    ['add a 10.0.0.1', 'add', ['a', '10.0.0.1']],
    ['add a 10.0.0.1 timeout 5 comment "x y"', 'add', ['a', '10.0.0.1', 'timeout', '5', 'comment', 'x y']],
    ['-A a 10.0.0.1 -exist', 'add', ['a', '10.0.0.1']],
    ['-N a iphash', 'create', ['a', 'iphash']],
  ])('%s', (line, verb, words) => {
    expect(parser.parse(line)).toEqual({ kind: 'command', verb, words });
  });

  test('blank lines and comments', () => {
    expect(parser.parse('').kind).toBe('blank');
    expect(parser.parse('# x').kind).toBe('blank');
    expect(parser.parse('add a "open').kind).toBe('unknown');
  });
});
