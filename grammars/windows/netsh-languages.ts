import { chinese } from './languages/chinese.ts';
import { english } from './languages/english.ts';
import { french } from './languages/french.ts';
import { german } from './languages/german.ts';
import { japanese } from './languages/japanese.ts';
import { russian } from './languages/russian.ts';
import { spanish } from './languages/spanish.ts';
import type { NetshLanguage } from './netsh-language.ts';

/** Tried in this order. */
export const netshLanguages: readonly NetshLanguage[] = [
  english,
  german,
  french,
  spanish,
  russian,
  japanese,
  chinese,
];
