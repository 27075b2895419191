import type { Format } from '../format.ts';
import { detectPf } from './detect.ts';
import { readPf, readPfTogether } from './read.ts';

/** pf: OpenBSD, FreeBSD, macOS, pfSense, OPNsense. */
export const pfFormat: Format = {
  name: 'pf',
  title: 'pf (OpenBSD, FreeBSD, macOS, pfSense, OPNsense)',
  detect: detectPf,
  read: readPf,
  readTogether: readPfTogether,
};
