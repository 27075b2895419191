import type { CodeEntry } from '../diagnostics/codes.ts';

/** What a finding that compares rules with listeners means; `fw-audit explain FW2030` prints it. */
export interface ListenerFindingKind extends CodeEntry {
  readonly code: string;
  readonly severity: 'note' | 'low' | 'high';
  readonly advice: string;
}

export const openWithoutListener: ListenerFindingKind = {
  code: 'FW2030',
  name: 'open-without-listener',
  severity: 'low',
  explanation:
    'A port is open and nobody listens on it. The rule is not needed now, and whatever starts to listen there later is reachable at once.',
  advice: 'Delete the rule, or say in the policy what it is kept for.',
};

export const listenerNotReachable: ListenerFindingKind = {
  code: 'FW2031',
  name: 'listener-not-reachable',
  severity: 'note',
  explanation:
    'A program listens on an address that others could reach, and the rules let nobody in. That is as it should be, unless the service is meant to be used from elsewhere.',
  advice:
    'If only this host needs it, bind it to 127.0.0.1 or ::1: then a mistake in the rules cannot open it.',
};

export const listenerUnknownProcess: ListenerFindingKind = {
  code: 'FW2032',
  name: 'listener-unknown-process',
  severity: 'high',
  explanation:
    'Somebody listens on an open port that IANA has assigned to nobody, and neither the port nor the name of the process says what it is: the list gives no name, or that of an interpreter or relay that runs anything.',
  advice:
    'Find the process and its file (as root: ss -tulpn, then ls -l /proc/PID/exe), and close the port until it is known.',
};

export const listenerFindings: readonly ListenerFindingKind[] = [
  openWithoutListener,
  listenerNotReachable,
  listenerUnknownProcess,
];
