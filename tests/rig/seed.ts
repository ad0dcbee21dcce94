/**
 * The seed of tests that draw random cases, which their names show: the same in every run of `npm test`. `TEST_SEED=<number>`
 * chooses another one, `TEST_SEED=random` a new one.
 */
const given = process.env['TEST_SEED'] ?? '20261128';

export const testSeed = given === 'random' ? Date.now() % 1_000_000 : Number(given);

/** For the names of tests and their messages. */
export const seedWords = `TEST_SEED=${testSeed}`;
