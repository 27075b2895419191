import fc from 'fast-check';

const given = process.env['FW_AUDIT_SEED'];

/**
 * fast-check as every property here uses it. The seed is fixed, so that a change fails by its own fault only;
 * `FW_AUDIT_SEED=random` looks elsewhere, and `FW_AUDIT_SEED=N` repeats what a run found. Making a counterexample smaller runs the
 * property again and again in one go, where no test timeout can stop it: the limit does, and what was found until then is told.
 */
fc.configureGlobal({
  ...(given === 'random' ? {} : { seed: Number(given ?? 20_261_123) }),
  interruptAfterTimeLimit: 50_000,
  markInterruptAsFailure: true,
});

export { fc };
