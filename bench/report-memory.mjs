// Loaded into the measured process (`node --import`): writes its peak memory, in bytes, to the file that FW_AUDIT_BENCH_MEMORY names.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(process.env.FW_AUDIT_BENCH_MEMORY, String(process.resourceUsage().maxRSS * 1024));
});
