/** The style sheet of the HTML report: follows the reader's light or dark scheme, prints on paper. */
export const htmlStyle = `:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9dce1; --page: #fff; --zebra: #f6f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #363a3f; --page: #111113; --zebra: #18191b; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
small, .help, footer { color: var(--soft); }
.help { margin: .15rem 0 0; font-size: .87rem; }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; list-style: none; padding: 0; }
.figures strong { font-size: 1.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--zebra); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.mark { font-weight: 600; white-space: nowrap; }
.mark.high { color: #c62a2f; } .mark.medium { color: #ad5700; } .mark.low { color: #7a6200; } .mark.note { color: var(--soft); }
@media (prefers-color-scheme: dark) { .mark.high { color: #ff6369; } .mark.medium { color: #ff9f4a; } .mark.low { color: #f0c000; } }
footer { margin-top: 2.5rem; font-size: .87rem; }
@media print { main { max-width: none; padding: 0; } .scroll { overflow: visible; } }
`;
