/** Where Windows installs itself unless told otherwise; the auditor's own environment is never asked. */
const usualFolders = new Map([
  ['systemroot', 'C:\\Windows'],
  ['windir', 'C:\\Windows'],
  ['systemdrive', 'C:'],
  ['programfiles', 'C:\\Program Files'],
  ['programfiles(x86)', 'C:\\Program Files (x86)'],
  ['programdata', 'C:\\ProgramData'],
]);

export interface ProgramPath {
  /** The path with the variable it begins with replaced by its usual value. */
  readonly path: string;
  /** The variable as written, if one was replaced. */
  readonly variable: string | undefined;
}

export function expandProgramPath(text: string): ProgramPath {
  let variable: string | undefined;
  const path = text.replace(/^%([A-Za-z()0-9]+)%/, (whole, name: string) => {
    const value = usualFolders.get(name.toLowerCase());
    if (value !== undefined) variable = whole;
    return value ?? whole;
  });
  return { path, variable };
}

/** What two spellings of one program, service or package share: Windows compares them without case. */
export function spellingKey(field: 'program' | 'service' | 'package', text: string): string {
  const path = field === 'program' ? expandProgramPath(text).path : text;
  return `${field}\0${path.toLowerCase()}`;
}
