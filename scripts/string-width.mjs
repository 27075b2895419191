// Stands for the package string-width in the command line. yargs imports it to lay out help, which fw-audit prints itself, and loading
// its tables and Intl.Segmenter would cost each start with an option 20 ms.
export { textWidth as default } from '../src/diagnostics/text-width.ts';
